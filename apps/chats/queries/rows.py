"""Rows of the timeline, and the bodies made of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.wire import bodies

QUOTED = 200
FIRST_PEOPLE = 100

# One message `m` with what belongs to it. The quoted message is found by primary key; reactions
# are looked for only where there are any.
SELECT = f"""
SELECT m.seq, m.rev, m.id, m.kind, m.sender_id, m.client_id, m.text, m.created_at,
    m.about, m.reply_to, m.thread, m.mentions, m.mentions_all, m.edited_at,
    m.deleted_at IS NOT NULL, m.pinned_at IS NOT NULL, m.previews::text,
    CASE WHEN m.reply_to IS NOT NULL THEN (
        SELECT json_build_object('seq', q.seq, 'sender', q.sender_id,
            'text', left(q.text, {QUOTED}), 'deleted', q.deleted_at IS NOT NULL)::text
        FROM chats_message q WHERE q.chat_id = m.chat_id AND q.seq = m.reply_to) END,
    CASE WHEN m.reacted THEN (
        SELECT json_agg(json_build_object('emoji', r.emoji, 'count', r.count, 'people', r.people)
            ORDER BY r.first)::text
        FROM (SELECT emoji, count(*), min(at) AS first,
                (array_agg(user_id ORDER BY at))[1:{FIRST_PEOPLE}] AS people
            FROM chats_reaction WHERE chat_id = m.chat_id AND seq = m.seq GROUP BY emoji) r) END
FROM chats_message m
"""  # noqa: S608  constants only
Row = tuple[Any, ...]


def select(tail: str, values: Mapping[str, Any]) -> list[bodies.Message]:
    """The messages `m` that `tail` (WHERE, ORDER BY, LIMIT) names, in its order."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT + tail, values)
        return [message(row) for row in cursor.fetchall()]


def one(chat_id: UUID, seq: int) -> bodies.Message | None:
    """One message as everybody sees it."""
    where = "WHERE m.chat_id = %(chat)s AND m.seq = %(seq)s"
    return next(iter(select(where, {"chat": chat_id, "seq": seq})), None)


def message(row: Row) -> bodies.Message:
    """The body of one row of `SELECT`."""
    previews, quote, reactions = row[16], row[17], row[18]
    at: datetime = row[7]
    return bodies.Message(
        seq=row[0],
        rev=row[1],
        id=row[2],
        kind=row[3],
        sender=row[4],
        client_id=row[5],
        text=row[6],
        at=at,
        about=row[8],
        reply_to=row[9],
        thread=row[10],
        mentions=row[11] or [],
        mentions_all=row[12],
        edited_at=row[13],
        deleted=row[14],
        pinned=row[15],
        quote=None if quote is None else msgspec.json.decode(quote, type=bodies.Quote),
        reactions=_reactions(reactions),
        previews=_previews(previews),
    )


def _reactions(text: str | None) -> list[bodies.ReactionCount]:
    return [] if text is None else msgspec.json.decode(text, type=list[bodies.ReactionCount])


def _previews(text: str | None) -> list[bodies.Preview]:
    return [] if text is None else msgspec.json.decode(text, type=list[bodies.Preview])
