"""Read and delivered positions. They only move forward, and never past the last entry."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from msgspec import Struct

from apps.accounts.actions.streams import advance
from apps.chats.models import Member
from apps.chats.queries.access import IN_TOUCH
from apps.core.limits import RECEIPTS, limited
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.wire import bodies, events
from apps.wire.publish import Publication, publish

# Rows are locked in chat order, so that two devices of one person never deadlock. Having read
# implies having received. Chats that are not the person's are passed over. `least` overlooks
# NULL, so a number that was left out counts as 0: it must not move anything.
# Locked first, in MOVE; then streams, then pushes: see docs/locks.md.
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
RETURNING m.chat_id, m.read_seq, m.delivered_seq, a.read_seq > a.was_read OR a.unmarked,
    a.delivered_seq > a.was_delivered,
    (SELECT u.share_seen FROM accounts_user u WHERE u.id = m.user_id),
    (SELECT {IN_TOUCH.format("c", "m")} FROM chats_chat c WHERE c.id = m.chat_id)
"""  # noqa: S608  constants only


class Move(Struct, frozen=True):
    """How far a person has come in one chat; None leaves a number as it is."""

    chat: UUID
    read: int | None = None
    delivered: int | None = None


@limited(RECEIPTS)
def move_positions(user_id: UUID, moves: Iterable[Move], *, visible: bool = False) -> None:
    """Move the person's positions forward; the chats' members are told, and on a read the
    person's other devices. What would go back, or is not theirs, is passed over.

    What is read is not pushed; nor is what was delivered where the person is looking (`visible`).

    Members are told what was read only where the person shares it: a kept position never leaves
    the server, except to its owner. In a direct chat whose people are not in touch nobody is told.
    """
    furthest: dict[UUID, Move] = {}
    for move in moves:
        known = furthest.get(move.chat, move)
        furthest[move.chat] = Move(
            move.chat, _later(known.read, move.read), _later(known.delivered, move.delivered)
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [*_columns(furthest.values()), user_id, user_id])
            moved = cursor.fetchall()
        for chat_id, read, delivered, by_reading, by_receiving, shared, in_touch in moved:
            if in_touch and (shared or by_receiving):
                publish([_told(user_id, chat_id, read if shared else 0, delivered)])
            if by_reading:
                publish([_read(user_id, chat_id, read)])
        # Shown is also what another device took delivery of before.
        shown = {
            move.chat: move.delivered
            for move in furthest.values()
            if visible and move.delivered is not None
        }
        if not shown.keys() <= {row[0] for row in moved}:
            # Pushes of a chat that is not theirs are not locked by this: its changes lock them.
            mine = Member.objects.filter(user_id=user_id, left_rev=None, chat_id__in=shown)
            of_mine = set(mine.values_list("chat_id", flat=True))
            shown = {chat: seq for chat, seq in shown.items() if chat in of_mine}
        read_up_to(
            {(user_id, row[0]): row[1] for row in moved if row[3]},
            shown={(user_id, chat): seq for chat, seq in shown.items()},
        )


def _columns(moves: Iterable[Move]) -> list[list[object]]:
    rows = [(move.chat, move.read, move.delivered) for move in moves]
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], []]


def _later(one: int | None, other: int | None) -> int | None:
    return max((seq for seq in (one, other) if seq is not None), default=None)


def _told(user_id: UUID, chat_id: UUID, read: int, delivered: int) -> Publication:
    position = bodies.Position(person=user_id, read=read, delivered=delivered)
    return Publication("chat", chat_id, events.ReceiptMoved(chat=chat_id, position=position))


def _read(user_id: UUID, chat_id: UUID, read: int) -> Publication:
    rev = advance([user_id])[user_id]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chats_member SET person_rev = %s WHERE chat_id = %s AND user_id = %s",
            [rev, chat_id, user_id],
        )
    event = events.ReadMoved(user_rev=rev, chat=chat_id, read_seq=read, marked_unread=False)
    return Publication("person", user_id, event, rev, rev - 1)
