"""Wake-ups: start a Celery task soon, for work that is stored in the database.

A wake-up is a hint: Celery beat starts every such task every few seconds anyway, so a lost wake-up
only costs time. One thread per process sends all wake-ups at their times; no other thread ever
waits for the broker.
"""

import logging
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apps.core.outage_log import OutageLog

if TYPE_CHECKING:
    from celery import Celery

logger = logging.getLogger(__name__)
broker_outages = OutageLog(logger, "The broker of background tasks", of="broker")

# Workers ignore wake-ups older than this: beat has started the task by then.
WAKEUP_EXPIRES_S = 10
# Wake-ups of one task within one slot of this length are merged.
SLOT_S = 0.5
# For sending on an open connection, and for opening a new one.
BROKER_TIMEOUT_S = 2.0


class TaskWakeup:
    """Call it to start a task soon.

    Returns at once, whatever the state of the broker, and never raises: it is called after COMMIT,
    by the thread that commits everyone's messages.
    """

    def __init__(self, task: str) -> None:
        self._task = task

    def __call__(self) -> None:
        """Start the task now. Call it after the commit; before, the worker would find nothing."""
        _timers.add(self._task, 0)

    def after(self, seconds: float) -> None:
        """Start the task after `seconds`, or up to SLOT_S later."""
        _timers.add(self._task, seconds)


class WakeupTimers:
    """Sends wake-ups at their times, from one thread that starts with the first wake-up.

    The queue is bounded: one wake-up per task and slot. While the broker hangs, overdue wake-ups
    of a task are merged.
    """

    def __init__(self) -> None:
        self._waiting: set[tuple[int, str]] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, task: str, seconds: float) -> None:
        """Send a wake-up of `task` after `seconds`. Never raises."""
        slot = _slot_now() + (1 + int(seconds / SLOT_S) if seconds > 0 else 0)
        with self._changed:
            self._waiting.add((slot, task))
            try:
                self._start()
            except (RuntimeError, MemoryError) as error:
                # No thread can be started, so nothing would ever be sent: drop the queue.
                self._waiting.clear()
                broker_outages.failed(error)
                return
            self._changed.notify()

    def _start(self) -> None:
        # A forked child inherits this object but not its thread.
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._run, name="wake", daemon=True)
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        while True:
            for task in self._pop_due():
                # While the process ends, the logger may be gone already.
                if threading.main_thread().is_alive():
                    _send(task)

    def _pop_due(self) -> set[str]:
        """Wait until wake-ups are due and return their tasks."""
        with self._changed:
            while not self._waiting or min(self._waiting)[0] > _slot_now():
                next_slot = min(self._waiting)[0] if self._waiting else None
                self._changed.wait(
                    None if next_slot is None else next_slot * SLOT_S - time.monotonic()
                )
            due = {one for one in self._waiting if one[0] <= _slot_now()}
            self._waiting -= due
        return {task for _, task in due}


def _slot_now() -> int:
    return int(time.monotonic() / SLOT_S)


def _send(task: str) -> None:
    try:
        _sender().send_task(task, retry=False, expires=WAKEUP_EXPIRES_S)
    except Exception as error:  # the thread must survive for the next wake-up
        broker_outages.failed(error)
    else:
        broker_outages.recovered()


@cache
def _sender() -> "Celery":
    # Imported on first use: a process without wake-ups does not load Celery.
    from celery import Celery

    sender = Celery("wake", set_as_current=False)
    sender.config_from_object("django.conf:settings", namespace="CELERY")
    options: dict[str, Any] = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_timeout": BROKER_TIMEOUT_S,
        "socket_connect_timeout": BROKER_TIMEOUT_S,
        "max_retries": 0,
    }
    sender.conf.broker_transport_options = options
    return sender


_timers = WakeupTimers()
