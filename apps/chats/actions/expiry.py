"""Deletes the beginning of a chat for good, a part at a time (decision 0100).

One part is one transaction: the rows of some entries, everything that was derived from them, and
the new `kept_from` of the chat. So what is before `kept_from` is gone, and no reader needs to leave
anything out. A process that is killed loses one part.
"""

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models.functions import Greatest

from apps.accounts.actions import streams
from apps.chats import indexed_revisions
from apps.chats.actions.chat_change import ChatChange, changing_without_membership
from apps.chats.actions.previews import forget_links
from apps.chats.content_copies import forget_copies
from apps.chats.linked_rows import delete_linked_rows
from apps.chats.models import (
    Attachment,
    HiddenContent,
    Member,
    Message,
    MessageEdit,
    MessageLink,
    PreviewWait,
    Reaction,
    Saved,
    Searchable,
)
from apps.chats.queries.saved import publication
from apps.core.reads import rows_of
from apps.files.actions import uses
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.notifications.actions.results import forget_pushes
from apps.wire.publish import publish

# Entries of one part: sends of the chat wait as long as their deletion takes (about 30 ms).
MAX_ENTRIES = 500
INDEXES = ("chats_indexed", "chats_linksindexed")
# One line an entry. The text itself is hashed on its own, so that the digest can be computed again
# from a copy of the entries, and tells nothing without one.
LINES = """
SELECT m.seq, m.id, m.text FROM chats_message m
WHERE m.chat_id = %(chat)s AND m.seq >= %(first)s AND m.seq < %(end)s ORDER BY m.seq
"""


class Part(NamedTuple):
    """What one part deleted: rows by what they were, the files that lost a use, and the digest of
    all entries deleted so far. `done`: nothing is left before the limit."""

    counts: dict[str, int]
    files: list[UUID]
    digest: str
    done: bool


def enter_indexes(chat_id: UUID) -> None:
    """Give the chat the rows that `delete_part` locks. Call it before, in another transaction."""
    with connection.cursor() as cursor:
        for table in INDEXES:
            cursor.execute(indexed_revisions.enter(table), [[chat_id]])


def delete_part(
    chat_id: UUID,
    *,
    before: int,
    days: int,
    digest: str = "",
    check: Callable[[], object] = lambda: None,
) -> Part:
    """Delete the first entries of a chat, at most MAX_ENTRIES, and none from seq `before` on.

    `days`: the rule that deletes them, for the people who read the chat; 0: an operator does.
    `digest`: that of the part before. `check` is called under the chat's lock; what it raises stops
    the deletion. Raises NotFound for an unknown chat.
    """
    # Before the chat: an indexer may hold them for a second, and sends must not wait for it. An
    # indexer without these locks could write words of an entry that it read before it was deleted.
    with connection.cursor() as cursor:
        for table in INDEXES:
            cursor.execute(indexed_revisions.lock(table), [[chat_id]])
    with changing_without_membership(None, chat_id) as change:
        check()
        chat = change.chat
        first = chat.kept_from
        end = min(before, first + MAX_ENTRIES, chat.last_seq + 1)
        if first >= end:
            return Part({}, [], digest, True)
        found = list(rows_of(LINES, {"chat": chat_id, "first": first, "end": end}))
        texts = [text for _, _, text in found]
        texts += _of(MessageEdit, chat_id, end).values_list("text", flat=True)
        for text, former in _hidden(chat_id, end).values_list("text", "former"):
            texts += [text, *(each["text"] for each in former)]
        counts = {"search": _of(Searchable, chat_id, end).delete()[0]}
        files = [*_files(chat_id, end)]
        counts |= _delete_rows(chat_id, end) | delete_linked_rows(chat_id, 0, end)
        chat.kept_from, chat.kept_days = end, days
        change.publish_head()
        people = _read(change, end)
        uses.remove(files)
        change.before_pushes += [
            partial(_forget_saved, chat_id, end),
            partial(_forget_links, texts, counts),
            partial(_forget_copies, chat_id, end, counts),
            partial(_clear_notifications, people, chat_id, end, counts),
        ]
    for seq, id_, text in found:
        line = f"{digest}{seq}:{id_}:{sha256(text.encode()).hexdigest()}\n"
        digest = sha256(line.encode()).hexdigest()
    return Part(counts, files, digest, end >= before or end > chat.last_seq)


def _of(model: Any, chat_id: UUID, end: int) -> Any:
    return model.objects.filter(chat_id=chat_id, seq__lt=end)


def _hidden(chat_id: UUID, end: int) -> Any:
    return _of(HiddenContent, chat_id, end)


def _files(chat_id: UUID, end: int) -> Iterable[UUID]:
    yield from _of(Attachment, chat_id, end).values_list("file_id", flat=True)
    for files in _hidden(chat_id, end).values_list("files", flat=True):
        yield from (UUID(file["id"]) for file in files or [])


def _delete_rows(chat_id: UUID, end: int) -> dict[str, int]:
    models = {
        "former_texts": MessageEdit,
        "reactions": Reaction,
        "hidden": HiddenContent,
        "links": MessageLink,
        "attachments": Attachment,
        "waits": PreviewWait,
        "messages": Message,
    }
    return {name: _of(model, chat_id, end).delete()[0] for name, model in models.items()}


def _read(change: ChatChange, end: int) -> list[UUID]:
    """Count the deleted entries as read for everybody: clients do the same, so that no stream has
    to tell them. Returns for whom any of them was unread."""
    members = Member.objects.filter(chat_id=change.chat.id)
    behind = members.filter(read_seq__lt=end - 1).order_by("user_id")
    people = list(behind.select_for_update(no_key=True).values_list("user_id", flat=True))
    members.filter(user_id__in=people).update(
        read_seq=end - 1, delivered_seq=Greatest("delivered_seq", end - 1)
    )
    return people


def _forget_saved(chat_id: UUID, end: int) -> None:
    """Take the deleted messages out of people's saved ones, each under a revision of its own."""
    saved = Saved.objects.filter(chat_id=chat_id, seq__lt=end, gone=False)
    streams.lock(saved.values_list("user_id", flat=True))
    for row in saved.order_by("user_id", "seq"):
        row.gone, row.person_rev = True, streams.advance([row.user_id])[row.user_id]
        row.save(update_fields=["gone", "person_rev"])
        publish([publication(row)])


def _forget_links(texts: Iterable[str], counts: dict[str, int]) -> None:
    counts["previews"] = forget_links(texts)


def _forget_copies(chat_id: UUID, end: int, counts: dict[str, int]) -> None:
    counts |= forget_copies(chat_id, 0, end)


def _clear_notifications(
    people: Iterable[UUID], chat_id: UUID, end: int, counts: dict[str, int]
) -> None:
    read_up_to({(person, chat_id): end - 1 for person in people})
    members = Member.objects.filter(chat_id=chat_id).order_by("user_id")
    counts |= forget_pushes(members.values_list("user_id", flat=True), chat_id, end)
