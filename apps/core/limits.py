"""Limits over a sliding window, shared by all processes through one Lua script on Redis.

The script counts and records in one step, so two processes never let one too many through. When
Redis is away each process counts for itself: a limit is then looser, never absent.
"""

import threading
import time
from collections import OrderedDict, deque
from functools import cache
from typing import NamedTuple
from uuid import uuid4

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from apps.core.errors import RateLimited

TIMEOUT = 0.2
PAUSE = 2.0
REMEMBERED_KEYS = 10_000

# Redis's own clock: processes on machines whose clocks differ still share one window.
SLIDE = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local window = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], window)
  return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, oldest[2] + window - now)
"""


class Limit(NamedTuple):
    """At most `amount` in any `seconds`; `name` keeps the counts of different limits apart."""

    name: str
    amount: int
    seconds: float


def check(limit: Limit, key: object) -> None:
    """Count one use of `limit` by `key` (a person, an address).

    Raises RateLimited, with the seconds until the next use fits; a refused use does not count.
    """
    wait = _shared(limit, str(key))
    if wait > 0:
        raise RateLimited(retry_after=wait)


class _Local:
    """Counts of this process, for the time Redis is away. Bounded: the longest unused key goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: OrderedDict[str, deque[float]] = OrderedDict()
        self.away_until = 0.0

    def wait(self, limit: Limit, key: str) -> float:
        """Seconds until a use fits; zero when it fits now and was counted."""
        name = f"{limit.name}:{key}"
        now = time.monotonic()
        with self._lock:
            uses = self._uses.setdefault(name, deque())
            self._uses.move_to_end(name)
            while len(self._uses) > REMEMBERED_KEYS:
                self._uses.popitem(last=False)
            while uses and uses[0] <= now - limit.seconds:
                uses.popleft()
            if len(uses) < limit.amount:
                uses.append(now)
                return 0.0
            return uses[0] + limit.seconds - now


_local = _Local()


@cache
def _script() -> Script:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    return client.register_script(SLIDE)


def _shared(limit: Limit, key: str) -> float:
    """As `_Local.wait`, counted for all processes. A silent Redis is left alone for a while, so
    that not every caller waits for it."""
    if time.monotonic() < _local.away_until:
        return _local.wait(limit, key)
    try:
        wait = _script()(
            keys=[f"parley:limit:{limit.name}:{key}"],
            args=[limit.amount, int(limit.seconds * 1000), uuid4().hex],
        )
    except redis.RedisError:
        _local.away_until = time.monotonic() + PAUSE
        return _local.wait(limit, key)
    return int(wait) / 1000
