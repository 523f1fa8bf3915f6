"""What a person keeps for themselves: saved messages and drafts."""

from uuid import UUID

from apps.chats.models import Draft, Saved
from apps.wire import bodies, events
from apps.wire.publish import Publication


def changes(user_id: UUID, since: int) -> list[Publication]:
    """Saved messages and drafts that changed after a revision of the person's stream."""
    kept = Saved.objects.filter(user_id=user_id, person_rev__gt=since)
    drafts = Draft.objects.filter(user_id=user_id, person_rev__gt=since)
    return [*map(saved_changed, kept), *map(draft_changed, drafts)]


def drafts_of(user_id: UUID) -> list[bodies.Draft]:
    """What the person has begun to write, in all chats."""
    rows = Draft.objects.filter(user_id=user_id).exclude(text="")
    return [bodies.Draft(chat=row.chat_id, text=row.text, reply_to=row.reply_to) for row in rows]


def saved_of(user_id: UUID) -> list[bodies.SavedMessage]:
    """The messages a person keeps, the newest first."""
    rows = Saved.objects.filter(user_id=user_id, gone=False).order_by("-at")
    return [bodies.SavedMessage(chat=row.chat_id, seq=row.seq) for row in rows]


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
