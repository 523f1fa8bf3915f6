"""Counts the uses of rate limits, in Redis or in this process. The limits are in `limits`.

A limit is shared by all processes: one Lua script on Redis counts and records in one step, so that
two processes never let one use too many through. An `in_process` limit is counted by each process
for itself, without any wait: for checks on the event loop and for the most frequent ones. While
Redis is unavailable every limit is counted in process: looser, but never absent.
"""

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import uuid4

import redis

from apps.core.redis_script import redis_script
from apps.core.token_bucket import TokenBucket

REDIS_TIMEOUT_S = 0.2
REDIS_PAUSE_S = 2.0
MAX_KEYS = 10_000

# Records ARGV[3] uses for each key of KEYS, or nothing at all if one key has no room. ARGV: amount,
# window in ms, uses, a unique name for this call. Uses Redis's clock, so that processes with
# different clocks share one window. Returns the milliseconds until the uses fit (or 0), how many
# uses are left of the key that has least, and the milliseconds until its oldest use leaves the
# window.
SLIDING_WINDOW = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local amount, window, uses = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wait, left, reset = 0, amount, 0
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local over = redis.call('ZCARD', key) + uses - amount
  if over > 0 then
    local oldest = redis.call('ZRANGE', key, over - 1, over - 1, 'WITHSCORES')[2] or now
    wait = math.max(wait, 1, oldest + window - now)
  end
end
if wait > 0 then return {wait, 0, wait} end
for _, key in ipairs(KEYS) do
  for use = 1, uses do redis.call('ZADD', key, now, ARGV[4] .. use) end
  redis.call('PEXPIRE', key, window)
  local rest = amount - redis.call('ZCARD', key)
  if rest < left then
    left = rest
    reset = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] + window - now
  end
end
return {0, left, reset}
"""


class Limit(NamedTuple):
    """At most `amount` uses in any period of `seconds`; `name` identifies the limit in Redis.

    `reason` explains the amount. An `in_process` limit is counted without Redis, by a token
    bucket of each process: `amount` at once, refilled over `seconds`.
    """

    name: str
    amount: int
    seconds: float
    reason: str = ""
    in_process: bool = False


class Count(NamedTuple):
    """What is left of a limit after a use: how many uses, and the seconds until there are more."""

    limit: Limit
    left: int
    more_in: float


_noted: ContextVar[list[Count] | None] = ContextVar("noted_counts", default=None)


@contextmanager
def noting() -> Iterator[list[Count]]:
    """Note in a list what is left of each limit that the block counts, also in other threads that
    have its context."""
    counts: list[Count] = []
    token = _noted.set(counts)
    try:
        yield counts
    finally:
        _noted.reset(token)


def _note(limit: Limit, left: int, more_in: float) -> None:
    if (counts := _noted.get()) is not None:
        counts.append(Count(limit, left, more_in))


class _InProcess:
    """Counts of this process: one token bucket per limit and key.

    Adding a bucket drops those that are full again and, beyond `MAX_KEYS` of a limit, the least
    recently used one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: defaultdict[str, OrderedDict[object, TokenBucket]] = defaultdict(OrderedDict)
        self.redis_away_until = 0.0

    def acquire(self, limit: Limit, key: object, uses: int) -> float:
        """Count the uses and return 0, or return the seconds until they fit."""
        with self._lock:
            known = self._buckets[limit.name]
            bucket = known.get(key)
            if bucket is not None:
                known.move_to_end(key)
            else:
                while known and (len(known) >= MAX_KEYS or next(iter(known.values())).full):
                    known.popitem(last=False)
                bucket = TokenBucket(rate=limit.amount / limit.seconds, size=limit.amount)
                known[key] = bucket
            wait = bucket.acquire(uses)
        if _noted.get() is not None:
            _note(limit, bucket.left, wait or bucket.more_in)
        return wait

    def forget(self, name: str) -> None:
        """Begin to count this limit again: its buckets have the former amount."""
        with self._lock:
            self._buckets.pop(name, None)

    def acquire_each(self, limit: Limit, keys: list[str], uses: int) -> float:
        """As `acquire`, for each key separately; returns the longest wait."""
        return max(self.acquire(limit, key, uses) for key in keys)


in_process = _InProcess()


def acquire_shared(limit: Limit, keys: list[str], uses: int) -> float:
    """As `_InProcess.acquire_each`, counted for all processes.

    After an error, Redis is not asked for a while, so that not every caller waits for it.
    """
    if time.monotonic() < in_process.redis_away_until:
        return in_process.acquire_each(limit, keys, uses)
    try:
        wait, left, more_in = redis_script(SLIDING_WINDOW, REDIS_TIMEOUT_S)(
            keys=[f"parley:limit:{limit.name}:{key}" for key in keys],
            args=[limit.amount, int(limit.seconds * 1000), uses, uuid4().hex],
        )
    except redis.RedisError:
        in_process.redis_away_until = time.monotonic() + REDIS_PAUSE_S
        return in_process.acquire_each(limit, keys, uses)
    _note(limit, left, more_in / 1000)
    return int(wait) / 1000
