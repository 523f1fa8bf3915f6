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
"""

from datetime import timedelta
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

LEASE = timedelta(seconds=60)


class Claimable(models.Model):
    """A row of work. `attempt` counts its claims and identifies the current one."""

    claimed_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Claimable)


def claim(due: "models.QuerySet[Row]", *, limit: int, lease: timedelta = LEASE) -> list[Row]:
    """Claim up to `limit` unclaimed rows of `due`, in its order, and commit. Returns the rows.

    Uses the database's clock, so that workers with different clocks agree. Skips rows locked by
    another worker; that worker is claiming them.
    """
    free = Q(claimed_at=None) | Q(claimed_at__lt=Now() - lease)
    with transaction.atomic():
        taken = list(due.filter(free).select_for_update(skip_locked=True)[:limit])
        ids = [row.pk for row in taken]
        due.model._default_manager.filter(pk__in=ids).update(
            claimed_at=Now(), attempt=F("attempt") + 1
        )
    for row in taken:
        row.attempt += 1
    return taken


def still_held(row: Row) -> Row | None:
    """The current row, locked until the end of the transaction, if this claim is still valid.

    None when the lease ran out and another worker claimed the row, or when the row or its claim
    is gone.
    """
    rows = type(row)._default_manager.select_for_update()
    return rows.filter(pk=row.pk, attempt=row.attempt).exclude(claimed_at=None).first()
