"""A person's chats as they see them: one query each, whatever the number of chats."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.chats.queries.rows import message
from apps.wire import bodies

# The last entry is found by primary key; the other person of a direct chat by theirs.
CHATS = """
SELECT c.id, c.kind, c.title, c.rev, c.last_seq, c.active_at,
       m.read_seq, m.marked_unread, m.pinned, m.archived, m.muted, m.person_rev,
       p.id, p.username, coalesce(nullif(p.name, ''), p.username), p.about,
       e.seq, e.rev, e.id, e.kind, e.sender_id, e.client_id, e.text, e.created_at
FROM chats_member m
JOIN chats_chat c ON c.id = m.chat_id
LEFT JOIN chats_message e ON e.chat_id = c.id AND e.seq = c.last_seq
LEFT JOIN accounts_user p ON p.id = CASE WHEN c.low = m.user_id THEN c.high ELSE c.low END
WHERE m.user_id = %(user)s AND m.left_rev IS NULL
"""
Row = tuple[Any, ...]


def all_of(user_id: UUID) -> list[bodies.Chat]:
    """All chats of a person, newest activity first."""
    return _chats(" ORDER BY c.active_at DESC, c.id DESC", {"user": user_id})


def page_of(
    user_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[bodies.Chat]:
    """Up to `limit` chats, newest activity first, after the place `before` in that order."""
    where = " AND (c.active_at, c.id) < (%(at)s, %(id)s)" if before else ""
    at, id_ = before or (None, None)
    return _chats(
        where + " ORDER BY c.active_at DESC, c.id DESC LIMIT %(limit)s",
        {"user": user_id, "at": at, "id": id_, "limit": limit},
    )


def some_of(user_id: UUID, chat_ids: Iterable[UUID]) -> list[bodies.Chat]:
    """Those of the named chats that are the person's, in no order."""
    return _chats(" AND c.id = ANY(%(ids)s)", {"user": user_id, "ids": list(chat_ids)})


def changed_since(user_id: UUID, person_rev: int) -> list[tuple[int, bodies.Chat]]:
    """Chats whose marks or read position moved in the person's stream, as (person_rev, chat)."""
    rows = _rows(
        " AND m.person_rev > %(since)s ORDER BY m.person_rev",
        {"user": user_id, "since": person_rev},
    )
    return [(row[11], _chat(row)) for row in rows]


def heads_of(user_id: UUID) -> dict[UUID, int]:
    """The rev of every chat of the person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.rev FROM chats_member m JOIN chats_chat c ON c.id = m.chat_id"
            " WHERE m.user_id = %s AND m.left_rev IS NULL",
            [user_id],
        )
        return dict(cursor.fetchall())


def _chats(tail: str, values: dict[str, Any]) -> list[bodies.Chat]:
    return [_chat(row) for row in _rows(tail, values)]


def _rows(tail: str, values: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(CHATS + tail, values)
        rows: list[Row] = cursor.fetchall()
        return rows


def _chat(row: Row) -> bodies.Chat:
    person = None
    if row[12] is not None:
        person = bodies.Person(id=row[12], username=row[13], name=row[14], about=row[15])
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
        person=person,
        last=message(row[16:24]) if row[16] is not None else None,
    )
