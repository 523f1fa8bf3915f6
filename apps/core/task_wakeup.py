"""Wake a worker for work that is stored in the database.

A wake-up is a hint: Celery beat runs every such task every few seconds, so a wake-up that is lost
only costs time. One thread of the process sends all of them, at their times; it is the only one
that ever waits for the broker.
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
broker_outages = OutageLog(logger, "The broker of background tasks")

# A worker that takes a wake-up later than this ignores it: beat has run the task by then.
WAKEUP_EXPIRES_S = 10
# TaskWakeup-ups of one task that fall into the same slot of this length are one.
SLOT_S = 0.5
# How long one wake-up may wait for the broker: on a connection that stands, and for a new one.
BROKER_TIMEOUT_S = 2.0


class TaskWakeup:
    """Call it to have a task run soon.

    Returns at once, whatever state the broker is in, and never raises: it is called after COMMIT,
    by the thread that commits the messages of all people.
    """

    def __init__(self, task: str) -> None:
        self._task = task

    def __call__(self) -> None:
        """Wake a worker now. Call it after the commit: an earlier look finds nothing."""
        _timers.add(self._task, 0)

    def after(self, seconds: float) -> None:
        """Wake a worker once `seconds` have passed, up to SLOT_S later."""
        _timers.add(self._task, seconds)


class WakeupTimers:
    """Sends wake-ups at their times, from one thread that starts with the first of them.

    What waits is bounded: one wake-up for each task and slot of the time ahead. While the broker
    hangs, overdue wake-ups of a task become one.
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
                # No thread to be had. Without one nothing is sent, so nothing is kept either.
                self._waiting.clear()
                broker_outages.failed(error)
                return
            self._changed.notify()

    def _start(self) -> None:
        # A forked child inherits the object, but not the thread.
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._run, name="wake", daemon=True)
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        while True:
            for task in self._pop_due():
                # At the end of the process the logger may be gone already.
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
    except Exception as error:  # whatever it is, the next wake-up must find the thread alive
        broker_outages.failed(error)
    else:
        broker_outages.recovered()


@cache
def _sender() -> "Celery":
    # Imported when it is first needed: a process that wakes nobody does without Celery.
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
