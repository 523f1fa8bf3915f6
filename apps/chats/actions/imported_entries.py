"""Writes entries of an archive, with all that belongs to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from apps.chats.actions import attachments, message_days
from apps.chats.models import Chat, HiddenContent, MessageEdit, Reaction
from apps.files.actions import uses
from apps.wire import bodies
from apps.wire.bodies.layouts import stored

COPY = """
COPY chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at, about,
    reply_to, thread, replies, mentions, mentions_all, edited_at, deleted_at, hidden_at,
    deleted_by_moderator, pinned_at, reacted, previews, files, layout) FROM STDIN
"""
COUNT_REPLIES = """
UPDATE chats_message m SET replies = m.replies + t.n, last_reply_at = t.at
FROM (SELECT thread, count(*) AS n, max(created_at) AS at FROM chats_message
    WHERE chat_id = %(chat)s AND seq > %(after)s AND thread IS NOT NULL AND deleted_at IS NULL
    GROUP BY thread) t
WHERE m.chat_id = %(chat)s AND m.seq = t.thread
"""


class PastEntry(msgspec.Struct, frozen=True):
    """An entry with everything that belongs to it: `edits` are former texts and until when each was
    shown, `reactions` emoji, people and times. `hidden_at`: moderators hid this content."""

    seq: int
    id: UUID
    by: UUID
    at: datetime
    client_id: UUID
    kind: str = "text"
    text: str = ""
    about: UUID | None = None
    reply_to: int | None = None
    thread: int | None = None
    mentions: Sequence[UUID] = ()
    mentions_all: bool = False
    files: Sequence[UUID] = ()
    previews: Sequence[bodies.Preview] = ()
    layout: bodies.Layout | None = None
    edits: Sequence[tuple[str, datetime]] = ()
    reactions: Sequence[tuple[str, UUID, datetime]] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    by_moderator: bool = False
    hidden_at: datetime | None = None
    pinned_at: datetime | None = None


def write_entries(chat: Chat, entries: Sequence[PastEntry], files: dict[UUID, str]) -> None:
    """Write the next entries of a chat. `files`: the bodies of their files, as JSON. Call it in a
    transaction, with the chat locked. Raises IntegrityError for a client id that is not unique."""
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(COPY) as copy,
    ):
        for entry in entries:
            copy.write_row(_row(chat.id, entry, files))
    shown = [entry for entry in entries if entry.hidden_at is None]
    _write_parts(chat.id, entries, shown, files)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_REPLIES, {"chat": chat.id, "after": chat.last_seq})
    last = entries[-1]
    Chat.objects.filter(id=chat.id).update(last_seq=last.seq, rev=last.seq, active_at=last.at)
    message_days.count_past(entry.at for entry in entries)


def _row(chat_id: UUID, entry: PastEntry, files: dict[UUID, str]) -> tuple[object, ...]:
    hidden = entry.hidden_at is not None
    return (
        chat_id,
        entry.seq,
        entry.seq,
        entry.id,
        entry.kind,
        entry.by,
        entry.client_id,
        "" if hidden else entry.text,
        entry.at,
        entry.about,
        entry.reply_to,
        entry.thread,
        0,
        None if hidden else [*entry.mentions] or None,
        entry.mentions_all and not hidden,
        entry.edited_at,
        entry.deleted_at or entry.hidden_at,
        entry.hidden_at,
        entry.by_moderator,
        None if hidden else entry.pinned_at,
        bool(entry.reactions) and not hidden,
        None if hidden else _previews(entry),
        None if hidden else _files(entry, files),
        None if hidden else stored(entry.layout),
    )


def _previews(entry: PastEntry) -> str | None:
    return msgspec.json.encode(entry.previews).decode() if entry.previews else None


def _files(entry: PastEntry, files: dict[UUID, str]) -> str | None:
    return f"[{','.join(files[file] for file in entry.files)}]" if entry.files else None


def _write_parts(
    chat_id: UUID,
    entries: Sequence[PastEntry],
    shown: Sequence[PastEntry],
    files: dict[UUID, str],
) -> None:
    """Former texts, reactions, files, and what moderators hid."""
    MessageEdit.objects.bulk_create(
        MessageEdit(chat_id=chat_id, seq=entry.seq, version=version, text=text, until=until)
        for entry in shown
        for version, (text, until) in enumerate(entry.edits, start=1)
    )
    Reaction.objects.bulk_create(
        Reaction(chat_id=chat_id, seq=entry.seq, user_id=person, emoji=emoji, at=at)
        for entry in entries
        for emoji, person, at in entry.reactions
    )
    HiddenContent.objects.bulk_create(
        _hidden(chat_id, entry, files) for entry in entries if entry.hidden_at
    )
    attachments.show(
        (
            chat_id,
            entry.seq,
            msgspec.json.decode(_files(entry, files) or "[]", type=list[bodies.File]),
        )
        for entry in shown
        if entry.files
    )
    # Those of hidden messages still count as used.
    uses.add(file for entry in entries for file in entry.files)


def _hidden(chat_id: UUID, entry: PastEntry, files: dict[UUID, str]) -> HiddenContent:
    return HiddenContent(
        chat_id=chat_id,
        seq=entry.seq,
        text=entry.text,
        former=[
            {"version": version, "text": text, "until": until.isoformat()}
            for version, (text, until) in enumerate(entry.edits, start=1)
        ],
        mentions=[str(person) for person in entry.mentions] or None,
        mentions_all=entry.mentions_all,
        previews=msgspec.to_builtins(entry.previews) if entry.previews else None,
        files=msgspec.json.decode(_files(entry, files) or "null"),
        layout=msgspec.to_builtins(entry.layout),
    )
