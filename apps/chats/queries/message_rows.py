"""Selects messages with everything that belongs to them, and builds their wire bodies."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from apps.core.graphemes import cut
from apps.core.named_rows import select_list
from apps.core.reads import rows_of
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
    OR m.files IS NOT NULL OR m.reacted OR coalesce(m.previews::text, '[]') <> '[]'
    OR m.layout IS NOT NULL) IS TRUE"""
_QUOTE = f"""CASE WHEN m.reply_to IS NOT NULL THEN (
        SELECT json_build_object('seq', q.seq, 'sender', q.sender_id,
            'text', left(q.text, {QUOTED + 1}), 'file', q.files -> 0 -> 'kind',
            'deleted', q.deleted_at IS NOT NULL, 'hidden', q.hidden_at IS NOT NULL)::text
        FROM chats_message q WHERE q.chat_id = m.chat_id AND q.seq = m.reply_to) END"""  # noqa: S608  constants only
_REACTIONS = f"""CASE WHEN m.reacted THEN (
        SELECT json_agg(json_build_object('emoji', r.emoji, 'count', r.count, 'people', r.people)
            ORDER BY r.first)::text
        FROM (SELECT emoji, count(*), min(at) AS first,
                (array_agg(user_id ORDER BY at))[1:{FIRST_PEOPLE}] AS people
            FROM chats_reaction WHERE chat_id = m.chat_id AND seq = m.seq GROUP BY emoji) r) END"""  # noqa: S608  constants only

_FILE_SUMMARIES = """CASE WHEN m.files IS NOT NULL THEN (
        SELECT json_agg(json_build_object('id', f -> 'id', 'kind', f -> 'kind', 'name', f -> 'name',
            'type', f -> 'type', 'size', f -> 'size', 'variants', '[]'::json))::text
        FROM jsonb_array_elements(m.files) f) END"""


class MessageRow(NamedTuple):
    """One row of `SELECT` or `SUMMARY`; `previews`, `files`, `layout`, `quote` and
    `reactions` are JSON."""

    seq: int
    rev: int
    id: UUID
    kind: str
    sender_id: UUID
    client_id: UUID
    text: str
    at: datetime
    about: UUID | None
    reply_to: int | None
    thread: int | None
    replies: int
    last_reply_at: datetime | None
    mentions: list[UUID] | None
    mentions_all: bool
    edited_at: datetime | None
    deleted: bool
    hidden: bool
    deleted_by_moderator: bool
    pinned: bool
    previews: str | None
    files: str | None
    layout: str | None
    quote: str | None
    reactions: str | None
    truncated: bool


def _select(
    *,
    text: str,
    mentions: str,
    previews: str,
    files: str,
    layout: str,
    reactions: str,
    truncated: str,
) -> str:
    columns = select_list(
        MessageRow,
        seq="m.seq",
        rev="m.rev",
        id="m.id",
        kind="m.kind",
        sender_id="m.sender_id",
        client_id="m.client_id",
        text=text,
        at="m.created_at",
        about="m.about",
        reply_to="m.reply_to",
        thread="m.thread",
        replies="m.replies",
        last_reply_at="m.last_reply_at",
        mentions=mentions,
        mentions_all="m.mentions_all",
        edited_at="m.edited_at",
        deleted="m.deleted_at IS NOT NULL",
        hidden="m.hidden_at IS NOT NULL",
        deleted_by_moderator="m.deleted_by_moderator",
        pinned="m.pinned_at IS NOT NULL",
        previews=previews,
        files=files,
        layout=layout,
        quote=_QUOTE,
        reactions=reactions,
        truncated=truncated,
    )
    return f"SELECT {columns}\nFROM chats_message m\n"


# A message `m` with its quote, reactions and previews. The quoted message is found by primary key;
# reactions are only queried for messages that have any.
SELECT = _select(
    text="m.text",
    mentions="m.mentions",
    previews="m.previews::text",
    files="m.files::text",
    layout="m.layout::text",
    reactions=_REACTIONS,
    truncated="false",
)
# The same columns with limited size, for chat lists, which may have thousands of chats.
SUMMARY = _select(
    text=f"left(m.text, {SUMMARY_CHARACTERS + 1})",
    mentions=f"m.mentions[1:{SUMMARY_MENTIONS}]",
    previews="NULL::text",
    files=_FILE_SUMMARIES,
    layout="NULL::text",
    reactions="NULL::text",
    truncated=_OMITS,
)
T = TypeVar("T")
_logged: set[tuple[UUID, str]] = set()


def select(tail: str, values: Mapping[str, Any]) -> list[bodies.Message]:
    """The messages `m` selected by `tail` (WHERE, ORDER BY, LIMIT), in its order."""
    return [message(row) for row in rows_of(SELECT + tail, values)]


def one(chat_id: UUID, seq: int) -> bodies.Message | None:
    """One message; None if it does not exist."""
    where = "WHERE m.chat_id = %(chat)s AND m.seq = %(seq)s"
    return next(iter(select(where, {"chat": chat_id, "seq": seq})), None)


def message(values: Sequence[Any]) -> bodies.Message:
    """The wire body of the values of one `MessageRow`.

    A part that cannot be decoded is logged and left out: it must not make the whole chat
    unreadable.
    """
    row = MessageRow._make(values)
    return bodies.Message(
        seq=row.seq,
        rev=row.rev,
        id=row.id,
        kind=row.kind,
        sender=row.sender_id,
        client_id=row.client_id,
        text=cut(row.text, SUMMARY_CHARACTERS) if row.truncated else row.text,
        at=row.at,
        about=row.about,
        reply_to=row.reply_to,
        thread=row.thread,
        replies=row.replies,
        last_reply_at=row.last_reply_at,
        mentions=row.mentions or [],
        mentions_all=row.mentions_all,
        edited_at=row.edited_at,
        deleted=row.deleted,
        hidden=row.hidden,
        deleted_by_moderator=row.deleted_by_moderator,
        pinned=row.pinned,
        previews=(row.previews and _decoded(row, "previews", list[bodies.Preview])) or [],
        files=(row.files and _decoded(row, "files", list[bodies.File])) or [],
        layout=_decoded(row, "layout", bodies.Layout) if row.layout else None,
        quote=_quote(row),
        reactions=(row.reactions and _decoded(row, "reactions", list[bodies.ReactionCount])) or [],
        truncated=row.truncated,
    )


def _quote(row: MessageRow) -> bodies.Quote | None:
    quote = _decoded(row, "quote", bodies.Quote) if row.quote else None
    return quote and msgspec.structs.replace(quote, text=cut(quote.text, QUOTED))


def _decoded(row: MessageRow, part: str, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(getattr(row, part), type=kind)
    except msgspec.DecodeError as error:
        if (row.id, part) not in _logged and len(_logged) < MAX_LOGGED:
            _logged.add((row.id, part))
            logger.error("part of message %s cannot be decoded and is left out: %s", row.id, error)
        return None
