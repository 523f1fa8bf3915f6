"""Periodic Celery tasks for the presence of Microsoft Teams."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.graph.actions import notifications, polling, service, subscriptions


@shared_task
@background_task
def follow_presences() -> None:
    """Ask Graph for the presences that are due."""
    if service.is_on():
        polling.follow()


@shared_task
@background_task
def keep_subscriptions() -> None:
    """Make and renew the subscriptions, and delete old notifications."""
    notifications.tidy()
    subscriptions.keep()


@shared_task
@background_task
def apply_notifications() -> None:
    """Apply the notifications that wait."""
    if service.is_on():
        notifications.apply_due()
