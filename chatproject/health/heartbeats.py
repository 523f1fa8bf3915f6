"""When workers and beat last did something. In Redis: a lost record is written again seconds later.

Beat starts a task of each queue every few seconds, so the last finished task of a queue tells
whether beat, the broker and the workers of that queue all work.
"""

import threading
import time

import redis
from celery import Task
from celery.signals import task_postrun

from apps.core.health import redis_client

KEY = "parley:heartbeats"
BEAT = "beat"
# Between two records of the same name.
INTERVAL_S = 1.0

_noted: dict[str, float] = {}
_lock = threading.Lock()


def note(name: str) -> None:
    """Record that `name` works. Never raises, and waits as a probe does."""
    now = time.monotonic()
    with _lock:
        if now - _noted.get(name, -INTERVAL_S) < INTERVAL_S:
            return
        _noted[name] = now
    try:
        with redis_client() as client:
            client.hset(KEY, name, str(time.time()))
    except redis.RedisError:
        return  # the outage is in the log already: the broker is the same server


def follow_tasks() -> None:
    """Record each task that this worker finishes, by its queue."""
    task_postrun.connect(_finished, weak=False)


def _finished(*, task: "Task[..., object]", **_: object) -> None:
    queue = (task.request.delivery_info or {}).get("routing_key")
    if queue:
        note(queue)


def ages() -> dict[str, float] | None:
    """Seconds since each last did something; None without Redis."""
    try:
        with redis_client() as client:
            found = client.hgetall(KEY)
    except redis.RedisError:
        return None
    now = time.time()
    return {name.decode(): max(0.0, now - float(at)) for name, at in found.items()}
