"""Totals of the ledger of pushes, for the admin and the metrics."""

from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Now
from msgspec import Struct

from apps.notifications.models import Delivery, Push

State = Push.State


class LedgerStats(Struct, frozen=True):
    """Numbers of pushes by state, and of parked and cleared deliveries."""

    pending: int
    sent: int
    cancelled: int
    cancelled_late: int
    failed: int
    skipped: int
    parked: int
    cleared: int


def totals(period: timedelta) -> LedgerStats:
    """Count the pushes that were decided on in the last `period`.

    `cancelled`: read in time; `cancelled_late`: read after a worker had released it.
    """
    since = Now() - period
    pushes = Push.objects.filter(created_at__gt=since).aggregate(
        pending=_count(State.PENDING, State.RELEASED),
        sent=_count(State.SENT),
        cancelled=Count("id", filter=Q(state=State.CANCELLED, late=False)),
        cancelled_late=Count("id", filter=Q(late=True)),
        failed=_count(State.FAILED),
        skipped=_count(State.SKIPPED),
    )
    deliveries = Delivery.objects.filter(created_at__gt=since).aggregate(
        parked=Count("id", filter=Q(state=Delivery.State.PARKED)),
        cleared=Count("id", filter=Q(kind=Delivery.Kind.CLEAR, state=Delivery.State.SENT)),
    )
    return LedgerStats(**pushes, **deliveries)


def count_by_state(period: timedelta) -> dict[str, int]:
    """Count the pushes that were decided on in the last `period`, by their state now."""
    rows = Push.objects.filter(created_at__gt=Now() - period).values_list("state")
    counted = dict(rows.annotate(number=Count("id")).order_by())
    return {state.value: counted.get(state.value, 0) for state in State}


def _count(*states: str) -> Count:
    return Count("id", filter=Q(state__in=states))
