"""Drafts of a person."""

from collections.abc import Collection
from uuid import UUID

from apps.chats.models import Draft
from apps.wire import bodies, events
from apps.wire.publish import Publication


def changed_since(user_id: UUID, since: int, *, limit: int) -> list[Publication]:
    """The first drafts that changed after a revision of the person's stream, in that order."""
    rows = Draft.objects.filter(user_id=user_id, person_rev__gt=since).order_by("person_rev")
    return [publication(row) for row in rows[:limit]]


def of_person(user_id: UUID) -> list[bodies.Draft]:
    """All drafts of the person that are not empty."""
    return of_people([user_id])[user_id]


def of_people(people: Collection[UUID]) -> dict[UUID, list[bodies.Draft]]:
    """All drafts of each person that are not empty."""
    found: dict[UUID, list[bodies.Draft]] = {user_id: [] for user_id in people}
    for row in Draft.objects.filter(user_id__in=people).exclude(text=""):
        draft = bodies.Draft(chat=row.chat_id, text=row.text, reply_to=row.reply_to)
        found[row.user_id].append(draft)
    return found


def publication(row: Draft) -> Publication:
    """The last change of one draft, for its person's stream."""
    event = events.DraftChanged(
        user_rev=row.person_rev, chat=row.chat_id, text=row.text, reply_to=row.reply_to
    )
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)
