"""Waking a worker for work that stands in the database."""

import logging
import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery import Celery

logger = logging.getLogger(__name__)

EXPIRES = 10


class Wake:
    """Calling it has a task run soon. Never waits for the broker and never fails: a wake-up that
    is lost costs time until the next sweep, and several at once are one."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._going = threading.Lock()

    def __call__(self) -> None:
        """To be called after the commit: a worker that looks earlier finds nothing."""
        if self._going.acquire(blocking=False):
            # The caller may be the thread that commits everybody's messages.
            threading.Thread(target=self._send, name="wake", daemon=True).start()

    def after(self, seconds: float) -> None:
        """As calling it, for a time to come. Each call is a timer of its own."""
        threading.Thread(target=self._order, args=[seconds], name="wake", daemon=True).start()

    def _send(self) -> None:
        try:
            self._order(0)
        finally:
            self._going.release()

    def _order(self, seconds: float) -> None:
        try:
            _sender().send_task(
                self._task, retry=False, countdown=seconds or None, expires=seconds + EXPIRES
            )
        except Exception as error:  # the broker is away, in any of its ways
            logger.debug("nobody was woken: %r", error)


@cache
def _sender() -> "Celery":
    # Loaded when it is first needed: a server process that wakes nobody does without Celery.
    from celery import Celery

    sender = Celery("wake", set_as_current=False)
    sender.config_from_object("django.conf:settings", namespace="CELERY")
    return sender
