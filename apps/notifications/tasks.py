"""Celery tasks for notifications, in a queue of their own. Each only looks for due work."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.core.task_wakeup import SLOT_S
from apps.notifications.actions.results import delete_old
from apps.notifications.actions.sender import PushSender
from apps.notifications.actions.timers import wake


@shared_task
@background_task
def push() -> None:
    """Send the pushes that are due. Each process has one sender."""
    sender = PushSender()
    sender.run()
    if sender.unfinished:
        # Not at once: a run that begins before this one has returned does nothing.
        wake.after(SLOT_S)


@shared_task
@background_task
def forget_pushes() -> None:
    """Delete old pushes from the ledger."""
    delete_old()
