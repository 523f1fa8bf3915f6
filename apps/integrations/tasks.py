"""Celery tasks of integrations. Each only looks for due work, so a lost run does no harm."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.integrations.actions import calls, notes


@shared_task
@background_task
def post_commands() -> None:
    """Post runs of commands to the servers that answer them."""
    while calls.post_due():
        pass


@shared_task
@background_task
def forget_answers() -> None:
    """Delete answers and runs of commands whose day is over."""
    notes.forget_old()
    calls.delete_old()
