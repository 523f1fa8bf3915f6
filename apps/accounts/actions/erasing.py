"""Deletes accounts whose time is over: closes them, then erases what each app stores about them.

A worker claims the row of the deletion. One that dies loses its claim, and the next one goes on
with what is left: each part is erased, counted in the record and committed together.
"""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.accounts.access_handlers import Scope
from apps.accounts.actions.access import Way, end_access
from apps.accounts.erasure_handlers import Erase, erasures, is_on_hold, issue_receipt
from apps.accounts.models import Deletion, EndedAccess, User
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE

logger = logging.getLogger(__name__)
# Longer than a task may run: of two claims of one row, the first is dead.
LEASE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)
# One pass begins no part after this time.
PASS_S = 20.0
# Parts of one kind are added up.
COUNT = """
INSERT INTO accounts_endedaccess (ending_id, kind, process, count, over_at)
SELECT ending.id, part.kind, '', part.count, clock_timestamp()
FROM unnest(%s::text[], %s::int[]) AS part(kind, count)
JOIN accounts_ending AS ending ON ending.id = %s
WHERE part.count > 0
ON CONFLICT (ending_id, kind, process) DO UPDATE
SET count = accounts_endedaccess.count + excluded.count, over_at = excluded.over_at
"""


class ClaimLost(Exception):
    """Another worker has the deletion, or it was taken back."""


class OnHold(Exception):
    """The account is closed, and kept: its claim runs out, and then a worker asks again."""


def erase_due(user_id: UUID | None = None) -> None:
    """Delete the accounts that are due, or this one if it is. Safe to run concurrently anywhere."""
    due = Deletion.objects.filter(due_at__lte=Now()).order_by("due_at", "user_id")
    if user_id is not None:
        due = due.filter(user_id=user_id)
    until = time.monotonic() + PASS_S
    while time.monotonic() < until:
        rows = claim(due, limit=1, lease=LEASE)
        for row in rows:
            try:
                _erase(row, until)
            except DATABASE_UNAVAILABLE:
                raise
            except (ClaimLost, OnHold):
                pass
            except Exception:  # its claim runs out, and it is tried again
                logger.exception("an account cannot be deleted: %s", row.user_id)
        if not rows:
            return


def _erase(row: Deletion, until: float) -> None:
    _close(row)
    for erase in erasures():
        while _step(row, erase):
            if time.monotonic() > until:
                _let_go(row)
                return
    with transaction.atomic():
        held = _free(row)
        counted = EndedAccess.objects.filter(ending=held.ending_id).values_list("kind", "count")
        issue_receipt(held.user_id, held.by_id, held.asked_at, {kind: n for kind, n in counted})
        held.delete()
    logger.info("The account %s is deleted", row.user_id)


@transaction.atomic
def _close(row: Deletion) -> None:
    """Close the account, unless that is done. What closed it before stays: its identities are
    never accepted again."""
    held = _held(row)
    if held.ending_id is not None:
        return
    scope = Scope(row.user_id, account=True)
    held.ending = end_access(scope, way=Way.DELETION, by=row.by_id)
    # Also the row of a closed account: opening it takes this lock, too, and then reads whether
    # its deletion has begun (`queries.deletions.may_open`).
    user = User.objects.select_for_update(no_key=True).get(id=row.user_id)
    if user.is_active:
        user.is_active, user.closed_way = False, Way.DELETION
        user.save(update_fields=["is_active", "closed_way"])
    held.save(update_fields=["ending"])


@transaction.atomic
def _step(row: Deletion, erase: Erase) -> bool:
    """Erase one part and count it. Returns False when nothing of it is left."""
    held = _free(row)
    counts = erase(row.user_id)
    _count(held.ending_id, counts)
    return any(counts.values())


def _held(row: Deletion) -> Deletion:
    """The row, locked before everything else. Raises ClaimLost."""
    held = still_held(row)
    if held is None:
        raise ClaimLost
    return held


def _free(row: Deletion) -> Deletion:
    """The locked row of an account that is not on hold: a hold takes this lock, too, so nothing is
    erased once it has begun. Raises ClaimLost and OnHold."""
    held = _held(row)
    if is_on_hold(row.user_id):
        raise OnHold
    return held


def _let_go(row: Deletion) -> None:
    """Let the next pass go on, without waiting for the end of the claim."""
    Deletion.objects.filter(user_id=row.user_id, attempt=row.attempt).update(claimed_at=None)


def _count(ending_id: UUID | None, counts: Mapping[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [[*counts], [*counts.values()], ending_id])
