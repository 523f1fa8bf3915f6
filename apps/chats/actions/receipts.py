"""Read and delivered positions, which move only forward and never past the last entry.

`gathered_receipts` gathers the reports of many people that arrive together, and calls `move_batch`.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import connection, transaction
from msgspec import Struct
from psycopg.rows import RowMaker

from apps.chats.queries.access import IN_TOUCH
from apps.core import metrics
from apps.core.limits import RECEIPTS, limited
from apps.core.named_rows import select_list
from apps.core.reads import bigints, numbered
from apps.core.round_trips import one_round_trip
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.wire import bodies, events
from apps.wire.publish import Publication, publish


class Moved(NamedTuple):
    """One row of `MOVE`: the positions of a member now, whether a read or a delivery has moved
    them, who may see them, and the revision of the person's stream if a read has."""

    person: UUID
    chat: UUID
    read: int
    delivered: int
    by_reading: bool
    by_receiving: bool
    shared: bool
    in_touch: bool
    person_rev: int | None


MOVED = select_list(
    Moved,
    person="n.user_id",
    chat="n.chat_id",
    read="n.read_seq",
    delivered="n.delivered_seq",
    by_reading="n.by_reading",
    by_receiving="n.by_receiving",
    shared="n.share_seen",
    in_touch=IN_TOUCH.format("n", "n"),
    person_rev="n.person_rev",
)
ITEM = "unnest(%s::uuid[], %s::uuid[]) AS i (user_id, chat_id)"
# In the order of chats and people, as everywhere: two batches never deadlock on members. Streams
# and pushes are locked later (docs/locks.md).
LOCK_MEMBERS = f"""
SELECT FROM chats_member m JOIN {ITEM} USING (user_id, chat_id)
WHERE m.left_rev IS NULL ORDER BY m.chat_id, m.user_id FOR NO KEY UPDATE OF m
"""
# After the lock, so that it sees everything committed before. Reading implies delivery. Skips chats
# that the person is not in. `least` ignores NULL, so a missing number counts as 0: it must not move
# anything. The streams of those who have read are locked in the order of people; each chat that was
# read has a revision of its own. `greatest` again in the update: members who joined after the lock
# was taken are locked there. Only a position that moves ends a mark as unread: a device may report
# late what was read before. When somebody who does not share it has read is not kept.
MOVE = f"""
WITH item AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[])
        AS i (user_id, chat_id, read, delivered)
), held AS (
    SELECT m.user_id, m.chat_id, c.low, c.high, u.share_seen,
           m.read_seq AS was_read, m.delivered_seq AS was_delivered,
           greatest(m.read_seq, least(coalesce(i.read, 0), c.last_seq)) AS read_seq,
           greatest(
               m.delivered_seq, least(coalesce(greatest(i.read, i.delivered), 0), c.last_seq)
           ) AS delivered_seq
    FROM item i JOIN chats_member m ON m.chat_id = i.chat_id AND m.user_id = i.user_id
    JOIN chats_chat c ON c.id = m.chat_id
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    WHERE m.left_rev IS NULL
), aim AS MATERIALIZED (
    SELECT *, read_seq > was_read AS by_reading,
           delivered_seq > was_delivered AS by_receiving,
           row_number() OVER read AS k, count(*) OVER read AS of
    FROM held WINDOW read AS (PARTITION BY user_id, read_seq > was_read)
), advanced AS (
    INSERT INTO accounts_stream (user_id, rev)
    SELECT user_id, count(*) FROM aim WHERE by_reading GROUP BY user_id ORDER BY user_id
    ON CONFLICT (user_id) DO UPDATE SET rev = accounts_stream.rev + EXCLUDED.rev
    RETURNING user_id, rev
), numbered AS MATERIALIZED (
    SELECT a.*, v.rev - a.of + a.k AS person_rev
    FROM aim a LEFT JOIN advanced v ON v.user_id = a.user_id AND a.by_reading
), moved AS (
    UPDATE chats_member m
    SET read_seq = greatest(m.read_seq, n.read_seq),
        delivered_seq = greatest(m.delivered_seq, n.delivered_seq),
        read_from = CASE WHEN n.read_seq <= m.read_seq THEN m.read_from
                         WHEN n.share_seen THEN m.read_seq END,
        read_to = CASE WHEN n.read_seq <= m.read_seq THEN m.read_to
                       WHEN n.share_seen THEN n.read_seq END,
        read_at = CASE WHEN n.read_seq <= m.read_seq THEN m.read_at
                       WHEN n.share_seen THEN now() END,
        marked_unread = m.marked_unread AND NOT n.by_reading,
        person_rev = coalesce(n.person_rev, m.person_rev)
    FROM numbered n
    WHERE m.chat_id = n.chat_id AND m.user_id = n.user_id AND (n.by_reading OR n.by_receiving)
)
SELECT {MOVED} FROM numbered n ORDER BY n.user_id, n.k
"""  # noqa: S608  constants only
# Planning dominates a small batch. A large one, with the pushes that it cancels, takes a third less
# when it is planned for its size, which `PLAN_OPTIONS` would forbid even unprepared.
MAX_PREPARED_BATCH = 64
# People with a row that `move_batch` needs and another transaction has locked.
BUSY = f"""
WITH item AS (SELECT * FROM {ITEM}), member AS (
    SELECT m.chat_id, m.user_id FROM chats_member m JOIN item USING (chat_id, user_id)
    ORDER BY m.chat_id, m.user_id FOR NO KEY UPDATE OF m SKIP LOCKED
), stream AS (
    SELECT s.user_id FROM accounts_stream s WHERE s.user_id IN (SELECT user_id FROM item)
    ORDER BY s.user_id FOR NO KEY UPDATE OF s SKIP LOCKED
), push AS (
    SELECT p.id FROM notifications_push p JOIN item USING (chat_id, user_id) WHERE p.open
    ORDER BY p.user_id, p.chat_id, p.id FOR NO KEY UPDATE OF p SKIP LOCKED
)
SELECT m.user_id FROM chats_member m JOIN item USING (chat_id, user_id)
WHERE (m.chat_id, m.user_id) NOT IN (SELECT chat_id, user_id FROM member)
UNION ALL SELECT s.user_id FROM accounts_stream s
WHERE s.user_id IN (SELECT user_id FROM item) AND s.user_id NOT IN (SELECT user_id FROM stream)
UNION ALL SELECT p.user_id FROM notifications_push p JOIN item USING (chat_id, user_id)
WHERE p.open AND p.id NOT IN (SELECT id FROM push)
"""  # noqa: S608  constants only


class Receipt(Struct, frozen=True):
    """How far a person has read and received in one chat; None leaves a position unchanged."""

    chat: UUID
    read: int | None = None
    delivered: int | None = None


class Report(NamedTuple):
    """What a client of a person reports. `visible`: the person is looking at the client."""

    person: UUID
    receipts: Sequence[Receipt]
    visible: bool = False


# By (person, chat).
Key = tuple[UUID, UUID]


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
    move_batch([Report(user_id, list(receipts), visible)])


def move_batch(reports: Iterable[Report], *, lock_timeout_ms: int | None = None) -> None:
    """As `move_positions`, for many people in one transaction. Does not count uses of the limit.

    `lock_timeout_ms` limits each wait for a lock more tightly than the connection does.
    """
    furthest, shown = _merged(reports)
    if not furthest:
        return
    with transaction.atomic():
        rows = _move(furthest, lock_timeout_ms)
        publish(publication for row in rows for publication in _publications(row))
        # Also messages that another device had received earlier. Only members: only changes of a
        # chat lock the pushes of others.
        members = {(row.person, row.chat) for row in rows}
        read_up_to(
            {(row.person, row.chat): row.read for row in rows if row.by_reading},
            shown={key: seq for key, seq in shown.items() if key in members},
        )
        transaction.on_commit(partial(metrics.RECEIPTS.inc, len(furthest)), robust=True)


def try_lock_people(reports: Sequence[Report]) -> set[UUID]:
    """Lock the rows that `move_batch` needs until the transaction ends, except those of people
    with a row that another transaction has locked. Never waits. Returns the people of the locked
    rows."""
    furthest, _ = _merged(reports)
    people = {report.person for report in reports}
    with connection.cursor() as cursor:
        cursor.execute(BUSY, _keys(furthest))
        return people.difference(person for (person,) in cursor.fetchall())


def _merged(reports: Iterable[Report]) -> tuple[dict[Key, Receipt], dict[Key, int]]:
    """The furthest positions, and how far visible clients have received."""
    furthest: dict[Key, Receipt] = {}
    shown: dict[Key, int] = {}
    for person, receipts, visible in reports:
        for receipt in receipts:
            key = person, receipt.chat
            known = furthest.get(key, receipt)
            furthest[key] = Receipt(
                receipt.chat,
                _later(known.read, receipt.read),
                _later(known.delivered, receipt.delivered),
            )
            if visible and receipt.delivered is not None:
                shown[key] = max(shown.get(key, 0), receipt.delivered)
    return furthest, shown


def _later(one: int | None, other: int | None) -> int | None:
    return max((seq for seq in (one, other) if seq is not None), default=None)


def _move(furthest: dict[Key, Receipt], lock_timeout_ms: int | None) -> list[Moved]:
    keys = _keys(furthest)
    seqs = [
        bigints(one.read for one in furthest.values()),
        bigints(one.delivered for one in furthest.values()),
    ]
    with one_round_trip(_moved_row, lock_timeout_ms=lock_timeout_ms) as (lock, move):
        prepare = len(furthest) <= MAX_PREPARED_BATCH
        if not prepare:
            lock.execute("SET LOCAL plan_cache_mode = force_custom_plan", prepare=True)
        lock.execute(numbered(LOCK_MEMBERS), keys, prepare=prepare)
        move.execute(numbered(MOVE), [*keys, *seqs], prepare=prepare, binary=True)
        return move.fetchall()


def _keys(furthest: Iterable[Key]) -> list[list[UUID]]:
    return [[person for person, _ in furthest], [chat for _, chat in furthest]]


def _moved_row(_: psycopg.Cursor[Any]) -> RowMaker[Moved]:
    return Moved._make


def _publications(row: Moved) -> Iterable[Publication]:
    if row.in_touch and (row.by_receiving or (row.by_reading and row.shared)):
        read = row.read if row.shared else 0
        position = bodies.Position(person=row.person, read=read, delivered=row.delivered)
        yield Publication("chat", row.chat, events.ReceiptMoved(chat=row.chat, position=position))
    if row.by_reading and (rev := row.person_rev) is not None:
        event = events.ReadMoved(
            user_rev=rev, chat=row.chat, read_seq=row.read, marked_unread=False
        )
        yield Publication("person", row.person, event, rev, rev - 1)
