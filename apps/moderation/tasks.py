"""Periodic Celery tasks of moderation."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.moderation.actions import break_glass, closing, evidence, people


@shared_task
@background_task
def lift_expired_suspensions() -> None:
    """Open the accounts whose suspension is over."""
    people.lift_expired()


@shared_task
@background_task
def delete_old_evidence() -> None:
    """Delete the copies of reports that were decided long ago, and close those that nobody decided:
    their copies go next."""
    closing.close_forgotten()
    evidence.delete_old()


@shared_task
@background_task
def tell_of_readings() -> None:
    """Tell the members of chats that a moderator has read."""
    break_glass.tell_members()
