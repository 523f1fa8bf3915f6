"""Carries the context of a trace to a worker that acts later, by way of Redis.

It is a hint: written by a thread that nothing waits for, and lost with Redis. Rows know nothing of
traces. Only while tracing is on.
"""

import queue
import threading
from functools import cache
from typing import Any

import redis

from apps.core.health import redis_client

PREFIX = "parley:trace:"
# A push is due after minutes; later ones are no longer part of the picture.
TTL_S = 3600
MAX_QUEUED = 1_000


def carry(key: str, trace: str) -> None:
    """Keep `trace` for who asks for `key`. Returns at once, and never raises."""
    try:
        _queue().put_nowait((key, trace))
    except (queue.Full, RuntimeError):
        return


def carried(key: str) -> str:
    """The context that was kept, or ""."""
    try:
        with redis_client() as client:
            found: Any = client.get(f"{PREFIX}{key}")
    except redis.RedisError:
        return ""
    return found.decode() if found else ""


@cache
def _queue() -> "queue.Queue[tuple[str, str]]":
    waiting: queue.Queue[tuple[str, str]] = queue.Queue(MAX_QUEUED)
    threading.Thread(target=_write, args=(waiting,), name="traces", daemon=True).start()
    return waiting


def _write(waiting: "queue.Queue[tuple[str, str]]") -> None:
    while True:
        key, trace = waiting.get()
        try:
            with redis_client() as client:
                client.set(f"{PREFIX}{key}", trace, ex=TTL_S)
        except redis.RedisError:
            continue
