"""Celery tasks for notifications. Each only looks for due work."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.core.task_wakeup import SLOT_S
from apps.notifications.actions import digests, timers
from apps.notifications.actions.digest_sender import DigestSender
from apps.notifications.actions.results import delete_old
from apps.notifications.actions.sender import PushSender


@shared_task
@background_task
def push() -> None:
    """Send the pushes that are due. Each process has one sender."""
    sender = PushSender()
    sender.run()
    if sender.unfinished:
        # Not at once: a run that begins before this one has returned does nothing.
        timers.wake.after(SLOT_S)


@shared_task
@background_task
def send_digests() -> None:
    """Send the digests that are due."""
    sender = DigestSender()
    sender.run()
    if sender.unfinished:
        digests.wake.after(SLOT_S)


@shared_task
@background_task
def plan_digests() -> None:
    """Plan the digests of people whose time zone, address or default has changed."""
    digests.plan_changed()


@shared_task
@background_task
def forget_pushes() -> None:
    """Delete old pushes from the ledger."""
    delete_old()
