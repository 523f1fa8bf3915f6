"""End a worker process whose task hangs, so that the supervisor starts a fresh one.

Celery enforces no time limits in a pool of threads, and Python cannot end a thread. A task that
hangs would keep its thread, its database connection and its locks. Ending the process is
harmless: what the task had claimed is claimed again when its lease runs out.
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
STDERR_FD = 2  # the real one: Celery puts a logger in the place of sys.stderr


class RunningTask(NamedTuple):
    """A task that a thread of this process is executing."""

    name: str
    since: float


class Watchdog:
    """Watches the tasks of this process; none may take longer than `limit_s` seconds."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._running: dict[str, RunningTask] = {}

    def start(self) -> None:
        """Watch from now on, in a thread of its own."""
        task_prerun.connect(self._began, weak=False)
        task_postrun.connect(self._ended, weak=False)
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def _began(self, *, task_id: str, task: "Task[..., Any]", **_: object) -> None:
        self._running[task_id] = RunningTask(task.name, time.monotonic())

    def _ended(self, *, task_id: str, **_: object) -> None:
        self._running.pop(task_id, None)

    def _run(self) -> None:
        while True:
            # A task inside native code may keep every Python thread from running, this one too.
            # Then nobody renews this timer, which needs no Python to fire.
            faulthandler.dump_traceback_later(self._limit_s, exit=True, file=STDERR_FD)
            now = time.monotonic()
            for task in list(self._running.values()):
                if now - task.since > self._limit_s:
                    _end_process(task.name, now - task.since)
            time.sleep(CHECK_INTERVAL_S)


def _end_process(name: str, seconds: float) -> None:
    logger.critical(
        "Task %s hangs: it has been running for %.0f s. This worker ends, so that a fresh one "
        "takes over. What its threads were doing:",
        name,
        seconds,
    )
    faulthandler.dump_traceback(file=STDERR_FD, all_threads=True)
    # No clean-up: it would wait for the thread that hangs.
    os._exit(1)
