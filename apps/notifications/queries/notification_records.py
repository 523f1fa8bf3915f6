"""Reads from the ledger why a person was, or was not, notified of a message."""

from collections.abc import Collection
from typing import cast
from uuid import UUID

from apps.core.reads import Read, Rows, result_of
from apps.notifications.models import Delivery, Push
from apps.notifications.notices import TOPICS
from apps.wire import bodies

State = Push.State
MAX_UNDELIVERED = 200
UNDELIVERED = f"""
SELECT asked.person, missed.* FROM unnest(%s::uuid[]) AS asked (person)
CROSS JOIN LATERAL (
    SELECT p.chat_id, p.first_seq, p.last_seq FROM notifications_push p
    WHERE p.user_id = asked.person AND p.open AND p.state = 'failed'
        AND p.chat_id <> ALL (%s::uuid[])
    ORDER BY p.created_at LIMIT {MAX_UNDELIVERED}
) missed
"""  # noqa: S608  constants only


def for_message(user_id: UUID, chat_id: UUID, seq: int) -> bodies.NotificationRecord:
    """The decision about one message for the person, and its result.

    The caller checks that the person may see the message.
    """
    rows = Push.objects.filter(user_id=user_id, chat_id=chat_id, last_seq__gte=seq)
    covering = list(rows.filter(first_seq__lte=seq).order_by("last_seq")[:50])
    if not covering:
        return bodies.NotificationRecord(
            outcome="none", reason="no_device", at=None, due_at=None, devices=[]
        )
    # Of rows that overlap, the shortest holds the decision about this message.
    row = min(covering, key=lambda row: row.last_seq - row.first_seq)
    cancelled = row.state == State.PENDING and row.read_seq >= seq
    return bodies.NotificationRecord(
        outcome="cancelled" if cancelled else cast(bodies.NotifyOutcome, row.state),
        reason=row.reason,
        at=row.ended_at,
        due_at=None if row.state == State.SKIPPED else row.due_at,
        late=row.late,
        devices=[
            bodies.NotifiedDevice(
                name=one.device,
                host=one.host,
                state=one.state,
                status=one.status,
                at=one.ended_at,
                attempts=one.attempt,
            )
            for one in row.deliveries.filter(kind=Delivery.Kind.SHOW).order_by("created_at")
        ],
    )


def undelivered(people: Collection[UUID]) -> dict[UUID, list[bodies.Undelivered]]:
    """Each person's unread pushes that reached no device, oldest first, at most
    `MAX_UNDELIVERED`."""
    return result_of(undelivered_reading(people))


def undelivered_reading(people: Collection[UUID]) -> Read[dict[UUID, list[bodies.Undelivered]]]:
    """The read of `undelivered`."""

    def build(rows: Rows) -> dict[UUID, list[bodies.Undelivered]]:
        found: dict[UUID, list[bodies.Undelivered]] = {user_id: [] for user_id in people}
        for user_id, chat, first, last in rows:
            push = bodies.Undelivered(chat=chat, first_seq=first, last_seq=last)
            found[user_id].append(push)
        return found

    return Read(UNDELIVERED, [list(people), list(TOPICS)], build)
