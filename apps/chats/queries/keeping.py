"""What a person keeps for themselves: saved messages and drafts."""

from uuid import UUID

from django.db import connection

from apps.chats.models import Draft, Saved
from apps.chats.queries import rows
from apps.wire import bodies, events
from apps.wire.publish import Publication

MAX_SAVED = 500
# One answer ends early where the texts are longer; one message always fits.
MAX_SAVED_BYTES = 2_000_000
# `octet_length` does not read a long text.
SAVED = f"""
SELECT e.*, k.chat_id FROM (
    SELECT s.chat_id, s.seq, s.at, octet_length(t.text) AS size,
        sum(octet_length(t.text)) OVER (ORDER BY s.at DESC, s.chat_id, s.seq) AS total
    FROM chats_saved s
    JOIN chats_member my
        ON my.chat_id = s.chat_id AND my.user_id = s.user_id AND my.left_rev IS NULL
    JOIN chats_message t ON t.chat_id = s.chat_id AND t.seq = s.seq
    WHERE s.user_id = %s AND NOT s.gone ORDER BY s.at DESC, s.chat_id, s.seq LIMIT {MAX_SAVED}
) k
CROSS JOIN LATERAL ({rows.SELECT} WHERE m.chat_id = k.chat_id AND m.seq = k.seq) e
WHERE k.total - k.size < {MAX_SAVED_BYTES} ORDER BY k.at DESC, k.chat_id, k.seq
"""  # noqa: S608  constants only


def saved_since(user_id: UUID, since: int) -> list[Publication]:
    """Saved messages that changed after a revision of the person's stream."""
    return [
        saved_changed(row) for row in Saved.objects.filter(user_id=user_id, person_rev__gt=since)
    ]


def drafts_changed(user_id: UUID, since: int, *, most: int) -> list[Publication]:
    """The first drafts that changed after a revision of the person's stream, in that order."""
    rows = Draft.objects.filter(user_id=user_id, person_rev__gt=since).order_by("person_rev")
    return [draft_changed(row) for row in rows[:most]]


def drafts_of(user_id: UUID) -> list[bodies.Draft]:
    """What the person has begun to write, in all chats."""
    found = Draft.objects.filter(user_id=user_id).exclude(text="")
    return [bodies.Draft(chat=row.chat_id, text=row.text, reply_to=row.reply_to) for row in found]


def saved_of(user_id: UUID) -> list[bodies.SavedMessage]:
    """The messages a person keeps, the newest first."""
    found = Saved.objects.filter(user_id=user_id, gone=False).order_by("-at")
    return [bodies.SavedMessage(chat=row.chat_id, seq=row.seq) for row in found]


def saved_messages(user_id: UUID) -> list[tuple[UUID, bodies.Message]]:
    """The messages a person keeps and may still see, the newest kept first, as (chat, message)."""
    with connection.cursor() as cursor:
        cursor.execute(SAVED, [user_id])
        return [(row[-1], rows.message(row[:-1])) for row in cursor.fetchall()]


def saved_changed(row: Saved) -> Publication:
    """The news of one saved message."""
    event = events.SavedChanged(
        user_rev=row.person_rev, chat=row.chat_id, seq=row.seq, saved=not row.gone
    )
    return _news(row.user_id, row.person_rev, event)


def draft_changed(row: Draft) -> Publication:
    """The news of one draft."""
    event = events.DraftChanged(
        user_rev=row.person_rev, chat=row.chat_id, text=row.text, reply_to=row.reply_to
    )
    return _news(row.user_id, row.person_rev, event)


def _news(user_id: UUID, rev: int, event: events.Event) -> Publication:
    return Publication("person", user_id, event, rev, rev - 1)
