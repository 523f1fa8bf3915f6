"""Short ways to make pushes due and to see what became of them."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from apps.notifications.actions.sender import PushSender
from apps.notifications.models import Delivery, Push


def make_due():
    """As if the time of all that waits had come: the database's clock decides, not the test's."""
    Push.objects.filter(state="pending").update(due_at=Now() - timedelta(milliseconds=1))
    Delivery.objects.filter(state="waiting").update(due_at=F("created_at"))


def deliver():
    """Send what is due, as a worker does; the number of attempts."""
    return PushSender().run()


def states(user):
    """(state, reason, first_seq, last_seq) of the person's pushes, oldest first."""
    rows = Push.objects.filter(user_id=user.id).order_by("created_at", "first_seq")
    return list(rows.values_list("state", "reason", "first_seq", "last_seq"))
