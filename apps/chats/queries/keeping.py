"""What a person keeps for themselves: saved messages and drafts."""

from uuid import UUID

from django.db import connection

from apps.chats.models import Draft, Saved
from apps.chats.queries import rows
from apps.wire import bodies, events
from apps.wire.publish import Publication

SAVED = f"""
SELECT e.*, k.chat_id FROM chats_saved k
JOIN chats_member my ON my.chat_id = k.chat_id AND my.user_id = k.user_id AND my.left_rev IS NULL
CROSS JOIN LATERAL ({rows.SELECT} WHERE m.chat_id = k.chat_id AND m.seq = k.seq) e
WHERE k.user_id = %s AND NOT k.gone ORDER BY k.at DESC LIMIT 500
"""  # noqa: S608  constants only


def changes(user_id: UUID, since: int) -> list[Publication]:
    """Saved messages and drafts that changed after a revision of the person's stream."""
    kept = Saved.objects.filter(user_id=user_id, person_rev__gt=since)
    drafts = Draft.objects.filter(user_id=user_id, person_rev__gt=since)
    return [*map(saved_changed, kept), *map(draft_changed, drafts)]


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
