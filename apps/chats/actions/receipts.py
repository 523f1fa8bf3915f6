"""Read and delivered positions, which move only forward and never past the last entry."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from msgspec import Struct

from apps.accounts.actions.streams import advance
from apps.chats.models import Member
from apps.chats.queries.access import IN_TOUCH
from apps.core.limits import RECEIPTS, limited
from apps.core.named_rows import select_list
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.wire import bodies, events
from apps.wire.publish import Publication, publish


class Moved(NamedTuple):
    """One row of `MOVE`: positions that moved, by a read or a delivery, and who may see them."""

    chat: UUID
    read: int
    delivered: int
    by_reading: bool
    by_receiving: bool
    shared: bool
    in_touch: bool


MOVED = select_list(
    Moved,
    chat="m.chat_id",
    read="m.read_seq",
    delivered="m.delivered_seq",
    by_reading="a.read_seq > a.was_read OR a.unmarked",
    by_receiving="a.delivered_seq > a.was_delivered",
    shared="(SELECT u.share_seen FROM accounts_user u WHERE u.id = m.user_id)",
    in_touch=f"(SELECT {IN_TOUCH.format('c', 'm')} FROM chats_chat c WHERE c.id = m.chat_id)",  # noqa: S608  constants only
)
# Locks the members in chat order, so that two devices of one person never deadlock; streams and
# pushes are locked later (docs/locks.md). Reading implies delivery. Skips chats that the person is
# not in. `least` ignores NULL, so a missing number counts as 0: it must not move anything.
MOVE = f"""
WITH item AS (
    SELECT i.*, c.last_seq FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[])
        AS i (chat_id, read, delivered) JOIN chats_chat c ON c.id = i.chat_id
), held AS (
    SELECT m.chat_id, m.read_seq, m.delivered_seq, m.marked_unread FROM chats_member m
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    WHERE m.user_id = %s AND m.left_rev IS NULL AND m.chat_id IN (SELECT chat_id FROM item)
    ORDER BY m.chat_id FOR NO KEY UPDATE OF m
), aim AS (
    SELECT h.chat_id, h.read_seq AS was_read, h.delivered_seq AS was_delivered, h.marked_unread,
           greatest(h.read_seq, least(coalesce(i.read, 0), i.last_seq)) AS read_seq,
           greatest(
               h.delivered_seq, least(coalesce(greatest(i.read, i.delivered), 0), i.last_seq)
           ) AS delivered_seq,
           h.marked_unread AND i.read IS NOT NULL AS unmarked
    FROM held h JOIN item i USING (chat_id)
)
UPDATE chats_member m
SET read_seq = a.read_seq, delivered_seq = a.delivered_seq,
    marked_unread = m.marked_unread AND NOT a.unmarked
FROM aim a
WHERE m.chat_id = a.chat_id AND m.user_id = %s
    AND (a.read_seq > a.was_read OR a.delivered_seq > a.was_delivered OR a.unmarked)
RETURNING {MOVED}
"""  # noqa: S608  constants only


class Receipt(Struct, frozen=True):
    """How far a person has read and received in one chat; None leaves a position unchanged."""

    chat: UUID
    read: int | None = None
    delivered: int | None = None


@limited(RECEIPTS)
def move_positions(user_id: UUID, receipts: Iterable[Receipt], *, visible: bool = False) -> None:
    """Move the person's positions forward. Publishes them to the chats' members and, if the read
    position moved, to the person's other devices.

    Ignores positions that would move back and chats that the person is not in. Cancels pushes for
    messages that were read, and for messages delivered to a `visible` tab.

    Read positions are published only if the person shares them; otherwise they never leave the
    server, except to the person. In a direct chat of people who are not contacts nothing is
    published.
    """
    furthest: dict[UUID, Receipt] = {}
    for receipt in receipts:
        known = furthest.get(receipt.chat, receipt)
        furthest[receipt.chat] = Receipt(
            receipt.chat,
            _later(known.read, receipt.read),
            _later(known.delivered, receipt.delivered),
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [*_columns(furthest.values()), user_id, user_id])
            moved = [Moved._make(row) for row in cursor.fetchall()]
        for row in moved:
            if row.in_touch and (row.shared or row.by_receiving):
                publish([_receipt_moved(user_id, row)])
            if row.by_reading:
                publish([_read_moved(user_id, row)])
        # Includes messages that another device had received earlier.
        shown = {
            receipt.chat: receipt.delivered
            for receipt in furthest.values()
            if visible and receipt.delivered is not None
        }
        if not shown.keys() <= {row.chat for row in moved}:
            # Skip chats that the person is not in: only changes of a chat lock its pushes.
            mine = Member.objects.filter(user_id=user_id, left_rev=None, chat_id__in=shown)
            of_mine = set(mine.values_list("chat_id", flat=True))
            shown = {chat: seq for chat, seq in shown.items() if chat in of_mine}
        read_up_to(
            {(user_id, row.chat): row.read for row in moved if row.by_reading},
            shown={(user_id, chat): seq for chat, seq in shown.items()},
        )


def _columns(receipts: Iterable[Receipt]) -> list[list[object]]:
    rows = [(one.chat, one.read, one.delivered) for one in receipts]
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], []]


def _later(one: int | None, other: int | None) -> int | None:
    return max((seq for seq in (one, other) if seq is not None), default=None)


def _receipt_moved(user_id: UUID, row: Moved) -> Publication:
    read = row.read if row.shared else 0
    position = bodies.Position(person=user_id, read=read, delivered=row.delivered)
    return Publication("chat", row.chat, events.ReceiptMoved(chat=row.chat, position=position))


def _read_moved(user_id: UUID, row: Moved) -> Publication:
    rev = advance([user_id])[user_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chats_member SET person_rev = %s WHERE chat_id = %s AND user_id = %s",
            [rev, row.chat, user_id],
        )
    event = events.ReadMoved(user_rev=rev, chat=row.chat, read_seq=row.read, marked_unread=False)
    return Publication("person", user_id, event, rev, rev - 1)
