"""Periodic Celery tasks for accounts."""

from celery import shared_task

from apps.accounts.actions import access, sessions, tickets
from apps.core.background_tasks import background_task


@shared_task
@background_task
def clear_expired_sessions() -> None:
    """Delete expired sessions and tickets, which sign nobody in any more."""
    tickets.delete_expired()
    sessions.delete_expired()


@shared_task
@background_task
def forget_endings() -> None:
    """Delete old records of ended access."""
    access.forget_old()
