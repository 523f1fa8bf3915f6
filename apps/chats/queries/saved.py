"""Saved messages of a person."""

from uuid import UUID

from django.db import connection

from apps.chats.models import Saved
from apps.chats.queries import message_rows
from apps.wire import bodies, events
from apps.wire.publish import Publication

MAX_SAVED = 500
# A list with long texts ends early, but has at least one message.
MAX_SAVED_BYTES = 2_000_000
# `octet_length` does not read a long text.
SAVED = f"""
SELECT k.chat_id, e.* FROM (
    SELECT s.chat_id, s.seq, s.at, octet_length(t.text) AS size,
        sum(octet_length(t.text)) OVER (ORDER BY s.at DESC, s.chat_id, s.seq) AS total
    FROM chats_saved s
    JOIN chats_member my
        ON my.chat_id = s.chat_id AND my.user_id = s.user_id AND my.left_rev IS NULL
    JOIN chats_message t ON t.chat_id = s.chat_id AND t.seq = s.seq
    WHERE s.user_id = %s AND NOT s.gone ORDER BY s.at DESC, s.chat_id, s.seq LIMIT {MAX_SAVED}
) k
CROSS JOIN LATERAL ({message_rows.SELECT} WHERE m.chat_id = k.chat_id AND m.seq = k.seq) e
WHERE k.total - k.size < {MAX_SAVED_BYTES} ORDER BY k.at DESC, k.chat_id, k.seq
"""  # noqa: S608  constants only


def changed_since(user_id: UUID, since: int) -> list[Publication]:
    """Saved messages that changed after a revision of the person's stream."""
    rows = Saved.objects.filter(user_id=user_id, person_rev__gt=since)
    return [publication(row) for row in rows]


def of_person(user_id: UUID) -> list[bodies.SavedMessage]:
    """Which messages a person has saved, the newest first."""
    found = Saved.objects.filter(user_id=user_id, gone=False).order_by("-at")
    return [bodies.SavedMessage(chat=row.chat_id, seq=row.seq) for row in found]


def messages_of(user_id: UUID) -> list[tuple[UUID, bodies.Message]]:
    """The saved messages that the person may still see, last saved first, as (chat, message)."""
    with connection.cursor() as cursor:
        cursor.execute(SAVED, [user_id])
        return [(chat, message_rows.message(row)) for chat, *row in cursor.fetchall()]


def publication(row: Saved) -> Publication:
    """The last change of one saved message, for its person's stream."""
    event = events.SavedChanged(
        user_rev=row.person_rev, chat=row.chat_id, seq=row.seq, saved=not row.gone
    )
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)
