"""Answers of commands that one person sees, on all their devices, for a day."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.chats.queries.access import get_membership
from apps.core.errors import NotFound
from apps.core.limits import SLASH_COMMANDS, limited
from apps.integrations.cards import fitting
from apps.integrations.models import CommandNote
from apps.integrations.queries import notes
from apps.wire import bodies
from apps.wire.publish import publish

MAX_TEXT_LENGTH = 10_000
# Each snapshot contains the notes of its person.
MAX_CARD_BYTES = 16_384
# Empty notes whose day (`notes.TTL`) is over. Rows of the newest revision of a stream stay: clients
# that resume from before expect a row of that revision.
EMPTY_OLD = """
UPDATE integrations_commandnote SET text = '', cards = '[]', gone = true
WHERE id IN (SELECT id FROM integrations_commandnote
    WHERE at < now() - interval '1 day' AND NOT gone ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED)
"""
DELETE_OLD = """
DELETE FROM integrations_commandnote WHERE id IN (
    SELECT n.id FROM integrations_commandnote n
    JOIN accounts_stream s ON s.user_id = n.user_id AND s.rev > n.person_rev
    WHERE n.at < now() - interval '1 day' AND n.gone
    ORDER BY n.at LIMIT 1000 FOR UPDATE OF n SKIP LOCKED)
"""


@transaction.atomic
def add_note(
    user_id: UUID,
    chat_id: UUID,
    *,
    client_id: UUID,
    command: str,
    text: str,
    cards: Sequence[bodies.Card] = (),
) -> CommandNote:
    """Show an answer to the person. `cards`: what is drawn in place of the text, if anything. A
    repeated `client_id` returns the first note.

    Raises NotFound when the person is not in the chat (any more).
    """
    get_membership(user_id, chat_id)
    streams.lock([user_id])
    known = CommandNote.objects.filter(user_id=user_id, client_id=client_id).first()
    if known is not None:
        return known
    note = CommandNote(
        user_id=user_id,
        chat_id=chat_id,
        client_id=client_id,
        command=command,
        text=text[:MAX_TEXT_LENGTH],
        cards=_stored(cards),
        at=timezone.now(),
    )
    return _written(note)


@transaction.atomic
def replace_note(
    user_id: UUID, chat_id: UUID, note_id: UUID, *, text: str, cards: Sequence[bodies.Card] = ()
) -> None:
    """Change what a note says. Raises NotFound."""
    get_membership(user_id, chat_id)
    streams.lock([user_id])
    note = notes.locked(user_id, chat_id, note_id)
    note.text = text[:MAX_TEXT_LENGTH]
    note.cards = _stored(cards)
    _written(note)


@limited(SLASH_COMMANDS)
def dismiss_note(user_id: UUID, chat_id: UUID, note_id: UUID) -> None:
    """Remove a note on all devices of the person, if it is still there. Raises
    NotFound when the person is not in the chat."""
    get_membership(user_id, chat_id)
    remove_note(user_id, chat_id, note_id)


@transaction.atomic
def remove_note(user_id: UUID, chat_id: UUID, note_id: UUID) -> None:
    """Remove a note, if it is there."""
    streams.lock([user_id])
    try:
        note = notes.locked(user_id, chat_id, note_id)
    except NotFound:
        return
    note.gone, note.text, note.cards = True, "", []
    _written(note)


def forget_old() -> None:
    """Empty the notes whose day is over, and delete their rows."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY_OLD)
        cursor.execute(DELETE_OLD)


def _stored(cards: Sequence[bodies.Card]) -> object:
    return msgspec.to_builtins(fitting(cards, most=MAX_CARD_BYTES))


def _written(note: CommandNote) -> CommandNote:
    """Store a note under the next revision of its person's stream, and tell their devices."""
    note.person_rev = streams.advance([note.user_id])[note.user_id]
    note.save()
    publish([notes.publication(note)])
    return note
