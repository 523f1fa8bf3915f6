"""What Celery does for chats. Each task only looks for due work, so a lost one costs nothing."""

from celery import shared_task

from apps.chats.actions import scheduling


@shared_task
def send_scheduled() -> None:
    """Send the messages whose time has come."""
    while scheduling.send_due():
        pass
