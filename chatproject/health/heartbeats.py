"""When workers and beat last did something. In Redis: a lost record is written again seconds later.

Beat starts a task of each queue every few seconds, so the last finished task of a queue tells
whether beat, the broker and the workers of that queue all work. The clock is that of Redis: those
of two machines may differ by more than an age that matters.
"""

import threading
import time

import redis
from celery import Task
from celery.signals import task_postrun

from apps.core.health import redis_client
from apps.core.metrics import QUEUES

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
            seconds, microseconds = client.time()
            client.hset(KEY, name, str(seconds + microseconds / 1e6))
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
    names = (*QUEUES, BEAT)
    try:
        with redis_client() as client, client.pipeline(transaction=False) as asked:
            asked.time()
            for name in names:
                asked.hget(KEY, name)  # all at once is no right of the user of compose
            (seconds, microseconds), *found = asked.execute()
    except redis.RedisError:
        return None
    now = seconds + microseconds / 1e6
    return {
        name: max(0.0, now - float(at))
        for name, at in zip(names, found, strict=True)
        if at is not None
    }
