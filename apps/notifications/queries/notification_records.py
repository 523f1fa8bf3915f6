"""Reads from the ledger why a person was, or was not, notified of a message."""

from typing import cast
from uuid import UUID

from apps.notifications.models import Delivery, Push
from apps.wire import bodies

State = Push.State


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


def undelivered(user_id: UUID) -> list[bodies.Undelivered]:
    """Unread pushes that reached no device, oldest first."""
    rows = Push.objects.filter(user_id=user_id, open=True, state=State.FAILED)
    return [
        bodies.Undelivered(chat=row.chat_id, first_seq=row.first_seq, last_seq=row.last_seq)
        for row in rows.order_by("created_at")[:200]
    ]
