"""Periodic Celery tasks of retention."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.retention.actions import deleting, held_content, settings


@shared_task
@background_task
def delete_old_messages() -> None:
    """Begin the deletion of what is too old, and of what holds have released."""
    settings.observe_installation_rule()
    deleting.begin_due()
    held_content.delete_released()
    deleting.go_on()


@shared_task
@background_task
def go_on_deleting() -> None:
    """Go on with deletions that are not finished."""
    deleting.go_on()
