"""The change feed: what changed since a revision, read from current state.

Every changed row stores the revision of its last change, so a feed is one indexed read a table;
what was changed again later appears once, at its newest revision, and `follows` bridges the
revisions that were replaced.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection
from msgspec import Struct

from apps.chats.models import Chat
from apps.chats.queries import history, lists
from apps.chats.queries.rows import COLUMNS, message
from apps.wire import bodies, events
from apps.wire.publish import JoinChat, Publication

MOST = 500
AFTER_A_GAP = 50

# One range of message_changes a chat; MOST + 1 shows that there is more.
SINCE = f"""
SELECT k.chat_id, e.* FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[]) AS k (chat_id, since)
CROSS JOIN LATERAL (
    SELECT {COLUMNS} FROM chats_message
    WHERE chat_id = k.chat_id AND rev > k.since ORDER BY rev LIMIT {MOST + 1}
) e ORDER BY k.chat_id, e.rev
"""  # noqa: S608  constants only

MOVED = """
SELECT c.id FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, rev)
JOIN chats_chat c ON c.id = k.id WHERE c.rev <> k.rev
"""


class Missed(Struct, frozen=True):
    """What changed in one chat: its publications in rev order, or a gap (`complete` False)."""

    publications: list[Publication]
    rev: int
    complete: bool


def since(cursors: Mapping[UUID, int]) -> dict[UUID, Missed]:
    """What changed in each chat since its revision; unchanged chats are left out.

    The caller has shown that its person is a member: see `queries.access` and `lists.heads_of`.
    """
    found: dict[UUID, list[bodies.Message]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SINCE, {"chats": list(cursors), "revs": list(cursors.values())})
        for chat_id, *row in cursor.fetchall():
            found.setdefault(chat_id, []).append(message(tuple(row)))
    return {
        chat_id: _missed(chat_id, cursors[chat_id], messages) for chat_id, messages in found.items()
    }


def moved(cursors: Mapping[UUID, int]) -> list[UUID]:
    """Those chats whose revision is not the given one."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [list(cursors), list(cursors.values())])
        return [row[0] for row in cursor.fetchall()]


def of_person(user_id: UUID, since: int) -> list[Publication]:
    """What changed in the chats' part of a person's own stream, in order."""
    return [
        Publication(
            stream="person",
            to=user_id,
            event=events.ChatChanged(user_rev=rev, chat=chat),
            rev=rev,
            effect=JoinChat(chat=chat.id, rev=chat.rev),
        )
        for rev, chat in lists.changed_since(user_id, since)
    ]


def _missed(chat_id: UUID, since: int, messages: list[bodies.Message]) -> Missed:
    if len(messages) > MOST:
        # First the revision, then the entries: these may be newer than it, never older.
        rev = Chat.objects.values_list("rev", flat=True).get(id=chat_id)
        newest = history.newest(chat_id, limit=AFTER_A_GAP)
        gap = events.Gap(chat=chat_id, rev=rev, last_seq=newest[-1].seq, messages=newest)
        return Missed([Publication("chat", chat_id, gap, rev, since)], rev, False)
    publications = []
    for entry in messages:
        publications.append(_changed(chat_id, entry, since))
        since = entry.rev
    return Missed(publications, since, True)


def _changed(chat_id: UUID, entry: bodies.Message, follows: int) -> Publication:
    event = events.MessageChanged(
        chat=chat_id,
        rev=entry.rev,
        message=entry,
        prev=None if follows == entry.rev - 1 else follows,
    )
    return Publication("chat", chat_id, event, entry.rev, follows)
