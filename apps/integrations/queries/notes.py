"""Answers of commands that one person sees."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from apps.chats.queries.access import get_membership
from apps.core.errors import NotFound
from apps.core.reads import KeyedRead, Read, Rows, read_changes, result_of
from apps.integrations.models import CommandNote
from apps.wire import bodies, events
from apps.wire.publish import Publication

TTL = timedelta(days=1)
# Of chats that the person is in. The newest, because every snapshot contains them.
MAX_SHOWN = 50
NOTES = f"""
SELECT asked.person, e.* FROM unnest(%s::uuid[]) AS asked (person)
CROSS JOIN LATERAL (
    SELECT n.id, n.chat_id, n.command, n.text, n.at, n.cards FROM integrations_commandnote n
    JOIN chats_member my
        ON my.chat_id = n.chat_id AND my.user_id = n.user_id AND my.left_rev IS NULL
    WHERE n.user_id = asked.person AND NOT n.gone AND n.at > now() - interval '1 day'
    ORDER BY n.person_rev DESC LIMIT {MAX_SHOWN}
) e ORDER BY e.at, e.id
"""  # noqa: S608  constants only


def changes_reading(since: Mapping[UUID, int], *, limit: int) -> KeyedRead[UUID, Publication]:
    """The read of each person's first notes that changed after a revision of their stream, in that
    order."""
    return read_changes(CommandNote, since, publication, limit=limit)


def reading(people: Collection[UUID]) -> Read[dict[UUID, list[bodies.Note]]]:
    """The read of the notes that each person sees, the oldest first."""

    def build(rows: Rows) -> dict[UUID, list[bodies.Note]]:
        found: dict[UUID, list[bodies.Note]] = {user_id: [] for user_id in people}
        for user_id, *columns in rows:
            found[user_id].append(_note(*columns))
        return found

    return Read(NOTES, [list(people)], build)


def of_chat(user_id: UUID, chat_id: UUID) -> list[bodies.Note]:
    """The notes that the person sees in a chat, the oldest first. Raises NotFound."""
    get_membership(user_id, chat_id)
    mine = result_of(reading([user_id]))[user_id]
    return [note for note in mine if note.chat == chat_id]


def locked(user_id: UUID, chat_id: UUID, note_id: UUID) -> CommandNote:
    """A note of the person in a chat that is not gone, locked until the commit. Raises NotFound."""
    mine = CommandNote.objects.select_for_update().filter(user_id=user_id, chat_id=chat_id)
    if (found := mine.filter(id=note_id, gone=False).first()) is None:
        raise NotFound
    return found


def publication(row: CommandNote) -> Publication:
    """The last change of one note, for its person's stream."""
    event = events.NoteChanged(user_rev=row.person_rev, note=body(row), gone=row.gone)
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)


def body(row: CommandNote) -> bodies.Note:
    """As its person sees it."""
    return _note(row.id, row.chat_id, row.command, row.text, row.at, row.cards)


def _note(
    note_id: UUID, chat: UUID, command: str, text: str, at: datetime, cards: object
) -> bodies.Note:
    return bodies.Note(
        id=note_id,
        chat=chat,
        command=command,
        text=text,
        at=at,
        until=at + TTL,
        cards=_cards(cards),
    )


def _cards(stored: object) -> list[bodies.Card]:
    """The cards in a column of JSON. None if this release does not know a part of them, as of a
    later one that also runs: the text is drawn then, and the snapshot can be read."""
    try:
        return msgspec.convert(stored, list[bodies.Card])
    except msgspec.ValidationError:
        return []
