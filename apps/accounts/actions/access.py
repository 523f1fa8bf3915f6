"""Ends a person's access: the one function that every way of leaving calls.

    end_access(Scope(user_id, account=True), way=Way.ADMINISTRATOR, by=admin.id)
    end_access(Scope(user_id, only={SESSIONS: [key]}), way=Way.DEVICE, by=user_id)

What ends is decided by the handlers of each app (`accounts.access_handlers`). The record of it is
committed together with it; server processes add how many live connections they have closed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.accounts.access_handlers import Scope, handlers
from apps.accounts.models import EndedAccess, Ending
from apps.accounts.queries.endings import CONNECTIONS
from apps.core.runtime import runtime

Way = Ending.Way
# The last statement of the transaction, so that its time is just before the COMMIT.
RECORD = """
INSERT INTO accounts_endedaccess (ending_id, kind, process, count, over_at)
SELECT %s, kind, '', count, clock_timestamp()
FROM unnest(%s::text[], %s::int[]) AS part(kind, count)
WHERE count > 0
"""
# By the newest record that names the session: a hint may be lost, so it does not carry the id.
CONFIRM = """
INSERT INTO accounts_endedaccess (ending_id, kind, process, count, over_at)
SELECT ending.id, %s, %s, sum(closed.count), clock_timestamp()
FROM unnest(%s::uuid[], %s::text[], %s::int[]) AS closed(person, name, count)
CROSS JOIN LATERAL (
    SELECT id FROM accounts_ending
    WHERE user_id = closed.person AND closed.name = ANY(connected_as)
    ORDER BY begun_at DESC LIMIT 1
) AS ending
GROUP BY ending.id ORDER BY ending.id
ON CONFLICT (ending_id, kind, process) DO UPDATE
SET count = accounts_endedaccess.count + excluded.count, over_at = excluded.over_at
"""
DELETE_BATCH_SIZE = 1_000


@transaction.atomic
def end_access(scope: Scope, *, way: Way, by: UUID | None = None) -> Ending | None:
    """End the access in `scope` and record it. `by`: the person who caused it, if it was one.

    Returns the record; None when there was nothing to end (an account is always recorded).
    """
    begun_at = _now()
    counts: dict[str, int] = {}
    connected_as: set[str] = set()
    for each in handlers():
        ended = each.end(scope)
        counts |= ended.counts
        connected_as.update(ended.connected_as)
    if not scope.account and not any(counts.values()):
        return None
    record = Ending.objects.create(
        user_id=scope.user_id,
        way=way,
        account=scope.account,
        by_id=by,
        connected_as=sorted(connected_as),
        begun_at=begun_at,
    )
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [record.id, [*counts], [*counts.values()]])
    return record


def confirm_closed(process: str, closed: Mapping[tuple[UUID, str], int]) -> None:
    """Record how many live connections a server process has closed, by person and name of the
    session. Those of a session that has expired belong to no record and are left out."""
    people = [person for person, _ in closed]
    names = [name for _, name in closed]
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, [CONNECTIONS, process, people, names, [*closed.values()]])


def forget_old() -> int:
    """Delete records older than ENDING_DAYS, in batches. Returns how many."""
    total = 0
    while True:
        with transaction.atomic():
            old = Ending.objects.filter(begun_at__lt=Now() - timedelta(days=runtime.ENDING_DAYS))
            found = list(old.values_list("id", flat=True)[:DELETE_BATCH_SIZE])
            EndedAccess.objects.filter(ending_id__in=found).delete()
            Ending.objects.filter(id__in=found).delete()
        total += len(found)
        if len(found) < DELETE_BATCH_SIZE:
            return total


def _now() -> datetime:
    now: datetime
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
    return now
