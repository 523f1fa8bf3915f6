"""Claims on due work: one worker does each row, and another takes over if that worker dies.

    for row in claim(Scheduled.objects.filter(state="waiting", due_at__lte=Now()), limit=50):
        do(row)                          # outside any transaction
        with transaction.atomic():
            if held := still_held(row):  # locked; None: another worker has it
                held.state = "done"
                held.save()

A claim is committed before the work starts and lasts for a lease. When a worker dies, its lease
runs out and the next periodic run claims the row again. So work starts at least once: it must be
idempotent or record that it was done. Timers and queues only wake the workers that claim.

A worker that is asked to stop claims nothing more (`core.draining`). What it has not finished in
time it gives back, so that another worker need not wait for the lease.
"""

import time
from collections import deque
from datetime import timedelta
from threading import Lock
from typing import NamedTuple, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.core.draining import draining

LEASE = timedelta(seconds=60)


class Claimable(models.Model):
    """A row of work. `attempt` counts its claims and identifies the current one."""

    claimed_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Claimable)


class _Claim(NamedTuple):
    """A claim of this process, done or not."""

    ends_at: float
    row: Claimable
    attempt: int


# The claims of this process whose leases have not run out, the oldest first.
_claims: deque[_Claim] = deque()
_lock = Lock()


def claim(due: "models.QuerySet[Row]", *, limit: int, lease: timedelta = LEASE) -> list[Row]:
    """Claim up to `limit` unclaimed rows of `due`, in its order, and commit. Returns the rows.

    Uses the database's clock, so that workers with different clocks agree. Skips rows locked by
    another worker; that worker is claiming them. Claims nothing once this process drains.
    """
    if draining.is_set():
        return []
    free = Q(claimed_at=None) | Q(claimed_at__lt=Now() - lease)
    with transaction.atomic():
        taken = list(due.filter(free).select_for_update(skip_locked=True)[:limit])
        ids = [row.pk for row in taken]
        due.model._default_manager.filter(pk__in=ids).update(
            claimed_at=Now(), attempt=F("attempt") + 1
        )
    for row in taken:
        row.attempt += 1
    _remember(taken, lease)
    return taken


def still_held(row: Row) -> Row | None:
    """The current row, locked until the end of the transaction, if this claim is still valid.

    None when the lease ran out and another worker claimed the row, or when the row or its claim
    is gone.
    """
    rows = type(row)._default_manager.select_for_update()
    return rows.filter(pk=row.pk, attempt=row.attempt).exclude(claimed_at=None).first()


def give_back() -> int:
    """End the claims of this process that are not finished, so that others may claim their rows at
    once. Call it right before the process exits. Returns how many there were.

    Each still counts as an attempt: the thread that works on the row may have done a part.
    """
    with _lock:
        claims = list(_claims)
        _claims.clear()
    return sum(
        type(each.row)
        ._default_manager.filter(pk=each.row.pk, attempt=each.attempt)
        .exclude(claimed_at=None)
        .update(claimed_at=None)
        for each in claims
    )


def _remember(rows: list[Row], lease: timedelta) -> None:
    now = time.monotonic()
    with _lock:
        while _claims and _claims[0].ends_at < now:
            _claims.popleft()
        _claims.extend(_Claim(now + lease.total_seconds(), row, row.attempt) for row in rows)
