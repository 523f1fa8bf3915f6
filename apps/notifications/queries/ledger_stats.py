"""Totals of the ledger of pushes, for the admin and the metrics."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from msgspec import Struct

from apps.notifications.models import Delivery, Push

State = Push.State
# Of pushes and of deliveries: a busy server makes millions a week.
MAX_COUNTED = 20_000


class LedgerStats(Struct, frozen=True):
    """Numbers of pushes by state, and of parked and cleared deliveries.

    `newest_only`: the period has more than MAX_COUNTED of either, and only so many are counted.
    """

    pending: int
    sent: int
    cancelled: int
    cancelled_late: int
    failed: int
    skipped: int
    parked: int
    cleared: int
    newest_only: bool = False


def totals(period: timedelta) -> LedgerStats:
    """Count the pushes that were decided on in the last `period`.

    `cancelled`: read in time; `cancelled_late`: read after a worker had released it.
    """
    all_pushes, pushes_left_out = _newest(Push.objects.all(), period)
    pushes = all_pushes.aggregate(
        pending=_count(State.PENDING, State.RELEASED),
        sent=_count(State.SENT),
        cancelled=Count("id", filter=Q(state=State.CANCELLED, late=False)),
        cancelled_late=Count("id", filter=Q(late=True)),
        failed=_count(State.FAILED),
        skipped=_count(State.SKIPPED),
    )
    all_deliveries, deliveries_left_out = _newest(Delivery.objects.all(), period)
    deliveries = all_deliveries.aggregate(
        parked=Count("id", filter=Q(state=Delivery.State.PARKED)),
        cleared=Count("id", filter=Q(kind=Delivery.Kind.CLEAR, state=Delivery.State.SENT)),
    )
    return LedgerStats(**pushes, **deliveries, newest_only=pushes_left_out or deliveries_left_out)


def count_by_state(period: timedelta) -> tuple[dict[str, int], int]:
    """Count the pushes that were decided on in the last `period`, by their state now, and those
    that were read late."""
    rows = Push.objects.filter(created_at__gt=Now() - period).values_list("state")
    counts = {"number": Count("id"), "late": Count("id", filter=Q(late=True))}
    counted = {state: (number, late) for state, number, late in rows.annotate(**counts).order_by()}
    states = {state.value: counted.get(state.value, (0, 0))[0] for state in State}
    return states, sum(late for _, late in counted.values())


def _newest(rows: QuerySet[Any], period: timedelta) -> tuple[QuerySet[Any], bool]:
    """The rows of the period, MAX_COUNTED at most, and whether there are more."""
    rows = rows.filter(created_at__gt=Now() - period)
    moments = rows.order_by("-created_at").values_list("created_at", flat=True)
    for beyond in moments[MAX_COUNTED : MAX_COUNTED + 1]:
        return rows.filter(created_at__gt=beyond), True
    return rows, False


def _count(*states: str) -> Count:
    return Count("id", filter=Q(state__in=states))
