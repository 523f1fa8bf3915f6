"""Selects messages with everything that belongs to them, and builds their wire bodies."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import connection

from apps.wire import bodies

logger = logging.getLogger(__name__)

QUOTED = 200
FIRST_PEOPLE = 100
# Limits of a summary: chat lists contain a summary of each chat's last entry.
SUMMARY_CHARACTERS = 300
SUMMARY_MENTIONS = 20
# How many unreadable parts are remembered, so that each is logged once.
MAX_LOGGED = 1_000

# A character takes at most four bytes in UTF-8. `octet_length` does not read a long text.
_OMITS = f"""(octet_length(m.text) > {SUMMARY_CHARACTERS * 4}
    OR octet_length(m.text) > {SUMMARY_CHARACTERS} AND length(m.text) > {SUMMARY_CHARACTERS}
    OR cardinality(m.mentions) > {SUMMARY_MENTIONS}
    OR m.reacted OR coalesce(m.previews::text, '[]') <> '[]') IS TRUE"""
_REACTIONS = f"""CASE WHEN m.reacted THEN (
        SELECT json_agg(json_build_object('emoji', r.emoji, 'count', r.count, 'people', r.people)
            ORDER BY r.first)::text
        FROM (SELECT emoji, count(*), min(at) AS first,
                (array_agg(user_id ORDER BY at))[1:{FIRST_PEOPLE}] AS people
            FROM chats_reaction WHERE chat_id = m.chat_id AND seq = m.seq GROUP BY emoji) r) END"""  # noqa: S608  constants only


def _select(*, text: str, mentions: str, previews: str, reactions: str, truncated: str) -> str:
    return f"""
SELECT m.seq, m.rev, m.id, m.kind, m.sender_id, m.client_id, {text}, m.created_at,
    m.about, m.reply_to, m.thread, {mentions}, m.mentions_all, m.edited_at,
    m.deleted_at IS NOT NULL, m.pinned_at IS NOT NULL, {previews},
    CASE WHEN m.reply_to IS NOT NULL THEN (
        SELECT json_build_object('seq', q.seq, 'sender', q.sender_id,
            'text', left(q.text, {QUOTED}), 'deleted', q.deleted_at IS NOT NULL)::text
        FROM chats_message q WHERE q.chat_id = m.chat_id AND q.seq = m.reply_to) END,
    {reactions}, {truncated}
FROM chats_message m
"""  # noqa: S608  constants only


# A message `m` with its quote, reactions and previews. The quoted message is found by primary key;
# reactions are only queried for messages that have any.
SELECT = _select(
    text="m.text",
    mentions="m.mentions",
    previews="m.previews::text",
    reactions=_REACTIONS,
    truncated="false",
)
# The same columns with limited size, for chat lists, which may have thousands of chats.
SUMMARY = _select(
    text=f"left(m.text, {SUMMARY_CHARACTERS})",
    mentions=f"m.mentions[1:{SUMMARY_MENTIONS}]",
    previews="NULL::text",
    reactions="NULL::text",
    truncated=_OMITS,
)
Row = tuple[Any, ...]
T = TypeVar("T")
_logged: set[tuple[UUID, int]] = set()


def select(tail: str, values: Mapping[str, Any]) -> list[bodies.Message]:
    """The messages `m` selected by `tail` (WHERE, ORDER BY, LIMIT), in its order."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT + tail, values)
        return [message(row) for row in cursor.fetchall()]


def one(chat_id: UUID, seq: int) -> bodies.Message | None:
    """One message; None if it does not exist."""
    where = "WHERE m.chat_id = %(chat)s AND m.seq = %(seq)s"
    return next(iter(select(where, {"chat": chat_id, "seq": seq})), None)


def message(row: Row) -> bodies.Message:
    """The wire body of one row of `SELECT` or `SUMMARY`.

    A part that cannot be decoded is logged and left out: it must not make the whole chat
    unreadable.
    """
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
        previews=_part(row, 16, list[bodies.Preview]) or [],
        quote=_part(row, 17, bodies.Quote),
        reactions=_part(row, 18, list[bodies.ReactionCount]) or [],
        truncated=row[19],
    )


def _part(row: Row, column: int, kind: type[T]) -> T | None:
    if row[column] is None:
        return None
    try:
        return msgspec.json.decode(row[column], type=kind)
    except msgspec.DecodeError as error:
        if (row[2], column) not in _logged and len(_logged) < MAX_LOGGED:
            _logged.add((row[2], column))
            logger.error("part of message %s cannot be decoded and is left out: %s", row[2], error)
        return None
