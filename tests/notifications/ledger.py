"""Helpers that make pushes due, send them, and read their states."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from apps.notifications.actions.sender import PushSender
from apps.notifications.models import Delivery, Push


def make_due():
    """Make all waiting pushes and deliveries due, by the database's clock."""
    Push.objects.filter(state="pending").update(due_at=Now() - timedelta(milliseconds=1))
    Delivery.objects.filter(state="waiting").update(due_at=F("created_at"))


def deliver():
    """Send what is due, as a worker does. Returns the number of attempts."""
    return PushSender().run()


def states(user):
    """(state, reason, first_seq, last_seq) of the person's pushes, oldest first."""
    rows = Push.objects.filter(user_id=user.id).order_by("created_at", "first_seq")
    return list(rows.values_list("state", "reason", "first_seq", "last_seq"))
