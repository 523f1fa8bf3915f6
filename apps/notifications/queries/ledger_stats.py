"""What the ledger adds up to."""

from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Now
from msgspec import Struct

from apps.notifications.models import Delivery, Push

State = Push.State


class LedgerStats(Struct, frozen=True):
    """Pushes of a time: what was avoided, and what was not."""

    pending: int
    sent: int
    cancelled: int
    cancelled_late: int
    failed: int
    skipped: int
    parked: int
    cleared: int


def totals(span: timedelta) -> LedgerStats:
    """The pushes that were decided on within `span` until now.

    `cancelled`: read in time; `cancelled_late`: read after a worker had taken it.
    """
    since = Now() - span
    pushes = Push.objects.filter(created_at__gt=since).aggregate(
        pending=_of(State.PENDING, State.RELEASED),
        sent=_of(State.SENT),
        cancelled=Count("id", filter=Q(state=State.CANCELLED, late=False)),
        cancelled_late=Count("id", filter=Q(late=True)),
        failed=_of(State.FAILED),
        skipped=_of(State.SKIPPED),
    )
    deliveries = Delivery.objects.filter(created_at__gt=since).aggregate(
        parked=Count("id", filter=Q(state=Delivery.State.PARKED)),
        cleared=Count("id", filter=Q(kind=Delivery.Kind.CLEAR, state=Delivery.State.SENT)),
    )
    return LedgerStats(**pushes, **deliveries)


def count_by_state(span: timedelta) -> dict[str, int]:
    """How many pushes that were decided on within `span` are in each state."""
    rows = Push.objects.filter(created_at__gt=Now() - span).values_list("state")
    counted = dict(rows.annotate(number=Count("id")).order_by())
    return {state.value: counted.get(state.value, 0) for state in State}


def _of(*states: str) -> Count:
    return Count("id", filter=Q(state__in=states))
