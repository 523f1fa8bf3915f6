"""Celery tasks of reminders. Each only looks for due work, so a lost run does no harm."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from apps.core.background_tasks import background_task
from apps.plugins.reminders import sending
from apps.plugins.reminders.models import Reminder

# How long a repeated command finds a reminder that has ended.
KEPT = timedelta(days=7)
MAX_DELETED = 1_000


@shared_task
@background_task
def send_due() -> None:
    """Send due reminders."""
    while sending.send_due():
        pass


@shared_task
@background_task
def forget_done() -> None:
    """Delete reminders that ended days ago."""
    done = Reminder.objects.filter(ended_at__lt=Now() - KEPT).values_list("id", flat=True)
    Reminder.objects.filter(id__in=list(done[:MAX_DELETED])).delete()
