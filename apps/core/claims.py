"""Claiming due work, so that of all workers exactly one does it and a lost one is found again.

    for row in claim(Scheduled.objects.filter(state="waiting", due_at__lte=Now()), limit=50):
        do(row)                          # outside of any transaction
        with transaction.atomic():
            if held := still_held(row):  # locked; None: somebody else has it by now
                held.state = "done"
                held.save()

A claim is committed before the work begins and lasts a while. Whoever dies with it loses it, and
the next sweep claims the row again: so the work is begun at least once, and must be harmless to
repeat or say itself that it was done. Timers and queues only wake whoever claims.
"""

from datetime import timedelta
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

LEASE = timedelta(seconds=60)


class Claimable(models.Model):
    """A row of work. `attempt` counts its claims, and tells one from the next."""

    claimed_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Claimable)


def claim(due: "models.QuerySet[Row]", *, limit: int, lease: timedelta = LEASE) -> list[Row]:
    """Take up to `limit` of the `due` rows that nobody holds, in their order, and commit.

    Uses the database's clock, so workers whose clocks differ agree. Rows that another claimer is
    just taking are passed over.
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
    """The row as it is now, locked until the end of the transaction, if this claim still stands.

    None when it ran out and somebody else claimed the row, or when the row or its claim is gone.
    """
    rows = type(row)._default_manager.select_for_update()
    return rows.filter(pk=row.pk, attempt=row.attempt).exclude(claimed_at=None).first()
