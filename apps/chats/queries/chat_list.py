"""A person's chats as they see them. Each function runs one query for any number of chats."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.queries.rows import COLUMNS, PERSON, PERSON_IF, person
from apps.chats.models import Member
from apps.chats.queries import message_rows
from apps.chats.queries.access import IN_TOUCH
from apps.wire import bodies

# Joins the last entry and the people by primary key. The last entry is a summary, see
# `Message.truncated`. People who are not contacts do not see each other's status.
CHATS = f"""
SELECT c.id, c.kind, c.title, c.rev, c.last_seq, c.active_at,
    my.read_seq, my.marked_unread, my.pinned, my.archived, my.muted, my.person_rev, my.role,
    my.muted_until, my.notify,
    CASE c.kind WHEN 'direct' THEN 2 ELSE (
        SELECT count(*) FROM chats_member x WHERE x.chat_id = c.id AND x.left_rev IS NULL) END,
    {PERSON_IF.format("p", IN_TOUCH.format("c", "my"))}, {PERSON.format("s")}, e.*
FROM chats_member my
JOIN chats_chat c ON c.id = my.chat_id
LEFT JOIN LATERAL ({message_rows.SUMMARY} WHERE m.chat_id = c.id AND m.seq = c.last_seq) e ON true
LEFT JOIN accounts_user p ON p.id = CASE WHEN c.low = my.user_id THEN c.high ELSE c.low END
LEFT JOIN accounts_user s ON s.id = e.sender_id AND c.kind = 'group'
WHERE my.user_id = %(user)s AND my.left_rev IS NULL
"""  # noqa: S608  constants only
SEEN_BY = f"""
SELECT viewer.id, seen.* FROM unnest(%(people)s::uuid[]) AS viewer (id)
CROSS JOIN LATERAL ({CHATS.replace("%(user)s", "viewer.id")} AND c.id = %(chat)s) seen
"""  # noqa: S608  constants only
Row = tuple[Any, ...]
# The columns at which the person, the sender and the last entry begin.
OTHER = 16
SENDER = OTHER + COLUMNS
LAST = SENDER + COLUMNS


def page(user_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int) -> list[bodies.Chat]:
    """Up to `limit` chats, newest activity first, after the (active_at, id) in `before`."""
    where = " AND (c.active_at, c.id) < (%(at)s, %(id)s)" if before else ""
    at, id_ = before or (None, None)
    return _chats(
        where + " ORDER BY c.active_at DESC, c.id DESC LIMIT %(limit)s",
        {"user": user_id, "at": at, "id": id_, "limit": limit},
    )


def by_ids(user_id: UUID, chat_ids: Iterable[UUID]) -> list[bodies.Chat]:
    """Those of the given chats that the person is in, in no order."""
    return _chats(" AND c.id = ANY(%(ids)s)", {"user": user_id, "ids": list(chat_ids)})


def as_seen_by(people: Iterable[UUID], chat_id: UUID) -> dict[UUID, bodies.Chat]:
    """One chat as each of these members sees it, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN_BY, {"people": list(people), "chat": chat_id})
        return {row[0]: _chat(row[1:]) for row in cursor.fetchall()}


def changed_since(user_id: UUID, person_rev: int, *, limit: int) -> list[tuple[int, bodies.Chat]]:
    """The first chats whose settings or read position changed after a revision of the person's
    stream, as (person_rev, chat), in that order."""
    found = _rows(
        " AND my.person_rev > %(since)s ORDER BY my.person_rev LIMIT %(limit)s",
        {"user": user_id, "since": person_rev, "limit": limit},
    )
    return [(row[11], _chat(row)) for row in found]


def left_since(user_id: UUID, person_rev: int) -> list[tuple[int, UUID]]:
    """Chats that the person left after a revision of their stream, as (person_rev, chat)."""
    left = Member.objects.filter(user_id=user_id, person_rev__gt=person_rev)
    return list(left.exclude(left_rev=None).values_list("person_rev", "chat_id"))


def heads(user_id: UUID) -> dict[UUID, int]:
    """The rev of each of the person's chats, newest activity first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.rev FROM chats_member m JOIN chats_chat c ON c.id = m.chat_id"
            " WHERE m.user_id = %s AND m.left_rev IS NULL"
            " ORDER BY c.active_at DESC, c.id DESC",
            [user_id],
        )
        return dict(cursor.fetchall())


def _chats(tail: str, values: dict[str, Any]) -> list[bodies.Chat]:
    return [_chat(row) for row in _rows(tail, values)]


def _rows(tail: str, values: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(CHATS + tail, values)
        found: list[Row] = cursor.fetchall()
        return found


def _chat(row: Row) -> bodies.Chat:
    return bodies.Chat(
        id=row[0],
        kind=row[1],
        title=row[2],
        rev=row[3],
        last_seq=row[4],
        active_at=row[5],
        read_seq=row[6],
        marked_unread=row[7],
        pinned=row[8],
        archived=row[9],
        muted=row[10],
        role=row[12],
        muted_until=row[13],
        notify=row[14],
        members=row[15],
        person=_person(row[OTHER:SENDER]),
        sender=_person(row[SENDER:LAST]),
        last=message_rows.message(row[LAST:]) if row[LAST] is not None else None,
    )


def _person(row: Row) -> bodies.Person | None:
    return None if row[0] is None else person(row)
