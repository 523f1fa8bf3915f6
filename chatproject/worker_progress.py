"""What a worker is doing, as its health check asks for it (`chatproject.run.worker_probe`)."""

import threading
import time
from typing import Any

from celery.signals import task_postrun, task_prerun
from celery.worker.control import inspect_command


class _Progress:
    """How many tasks run now, when one last began or ended (at first, when `follow_tasks` was
    called), and the queues that the worker was started for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.running = 0
        self.moved_at = time.monotonic()
        self.queues: list[str] = []

    def count(self, change: int) -> None:
        """Count a task that begins (1) or has ended (-1)."""
        with self._lock:
            self.running += change
            self.moved_at = time.monotonic()


_progress = _Progress()


def follow_tasks(queues: list[str]) -> None:
    """Count the tasks of this worker from now on. `queues` are those that it was started for:
    Celery itself forgets one from which it has stopped to take tasks."""
    _progress.queues = queues
    # The module may have been imported long before, by the process that this one was forked from.
    _progress.moved_at = time.monotonic()
    task_prerun.connect(_begins, weak=False)
    task_postrun.connect(_ended, weak=False)


def _begins(**_: object) -> None:
    _progress.count(1)


def _ended(**_: object) -> None:
    _progress.count(-1)


@inspect_command()
def progress(state: Any) -> dict[str, Any]:
    """Celery's remote control: the queues of this worker, how many tasks run, and seconds since one
    last began or ended."""
    return {
        "queues": _progress.queues,
        "running": _progress.running,
        "idle_s": time.monotonic() - _progress.moved_at,
    }
