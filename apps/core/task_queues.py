"""What waits in the queues of Celery, read from its broker."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import redis
from django.conf import settings

from apps.core.health import redis_client


class _Headers(msgspec.Struct):
    # Written by `chatproject.celery`. A server of the release before writes none.
    queued_at: float | None = None


class _Task(msgspec.Struct):
    headers: _Headers


def queue_lengths(queues: Iterable[str]) -> dict[str, int] | None:
    """How many tasks wait in each of these queues; None without Redis. Waits as the probe does."""
    return _asked(queues, lambda pipe, key: pipe.llen(key))


def oldest_waits(queues: Iterable[str]) -> dict[str, float] | None:
    """Seconds that the oldest task of each of these queues has waited, 0 where none waits; None
    without Redis. By the clock of the machine that published it. Waits as the probe does."""
    found = _asked(queues, lambda pipe, key: pipe.lindex(key, -1))
    return None if found is None else {name: _waited_s(task) for name, task in found.items()}


def _asked(
    queues: Iterable[str], ask: Callable[["redis.client.Pipeline", str], object]
) -> dict[str, Any] | None:
    """What Redis responds about each queue, in one round trip; None without Redis."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    names = list(queues)
    try:
        with redis_client() as client, client.pipeline(transaction=False) as pipe:
            for name in names:
                ask(pipe, f"{prefix}{name}")
            return dict(zip(names, pipe.execute(), strict=True))
    except redis.RedisError:
        return None


def _waited_s(task: bytes | None) -> float:
    queued_at = None if task is None else msgspec.json.decode(task, type=_Task).headers.queued_at
    return 0.0 if queued_at is None else max(0.0, time.time() - queued_at)
