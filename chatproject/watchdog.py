"""Ends a worker process whose task hangs, so that the supervisor starts a new one.

Celery enforces no time limits in a thread pool, and Python cannot end a thread. A hanging task
would keep its thread, its database connection and its locks. Ending the process is harmless:
another worker claims the task's rows again when their lease expires.
"""

import faulthandler
import logging
import os
import threading
import time
from typing import Any, NamedTuple

from celery import Task
from celery.signals import task_postrun, task_prerun

logger = logging.getLogger(__name__)

CHECK_INTERVAL_S = 1.0
STDERR_FD = 2  # Celery replaces sys.stderr by a logger


class RunningTask(NamedTuple):
    """A task in a thread of this process."""

    name: str
    since: float


class Watchdog:
    """Ends this process when one of its tasks runs for longer than `limit_s` seconds."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._running: dict[str, RunningTask] = {}

    def start(self) -> None:
        """Start watching in a thread."""
        task_prerun.connect(self._began, weak=False)
        task_postrun.connect(self._ended, weak=False)
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def _began(self, *, task_id: str, task: "Task[..., Any]", **_: object) -> None:
        self._running[task_id] = RunningTask(task.name, time.monotonic())

    def _ended(self, *, task_id: str, **_: object) -> None:
        self._running.pop(task_id, None)

    def _run(self) -> None:
        while True:
            # A task in native code may block every Python thread, this one too. Then nothing renews
            # this timer, which fires without Python.
            faulthandler.dump_traceback_later(self._limit_s, exit=True, file=STDERR_FD)
            now = time.monotonic()
            for task in list(self._running.values()):
                if now - task.since > self._limit_s:
                    _end_process(task.name, now - task.since)
            time.sleep(CHECK_INTERVAL_S)


def _end_process(name: str, seconds: float) -> None:
    logger.critical(
        "Task %s hangs: it has been running for %.0f s. This worker exits, so that a new one "
        "takes over. Its threads:",
        name,
        seconds,
    )
    faulthandler.dump_traceback(file=STDERR_FD, all_threads=True)
    # Not sys.exit(): it would wait for the hanging thread.
    os._exit(1)
