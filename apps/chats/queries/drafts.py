"""Drafts of a person."""

from collections.abc import Collection, Mapping
from uuid import UUID

from apps.chats.models import Draft
from apps.core.reads import KeyedRead, Read, Rows, read_changes, result_of
from apps.wire import bodies, events
from apps.wire.publish import Publication

DRAFTS = """
SELECT user_id, chat_id, text, reply_to FROM chats_draft WHERE user_id = ANY(%s) AND text <> ''
"""


def changes_reading(since: Mapping[UUID, int], *, limit: int) -> KeyedRead[UUID, Publication]:
    """The read of each person's first drafts that changed after a revision of their stream, in that
    order."""
    return read_changes(Draft, since, publication, limit=limit)


def of_person(user_id: UUID) -> list[bodies.Draft]:
    """All drafts of the person that are not empty."""
    return result_of(reading([user_id]))[user_id]


def reading(people: Collection[UUID]) -> Read[dict[UUID, list[bodies.Draft]]]:
    """The read of all drafts of each person that are not empty."""

    def build(rows: Rows) -> dict[UUID, list[bodies.Draft]]:
        found: dict[UUID, list[bodies.Draft]] = {user_id: [] for user_id in people}
        for user_id, chat, text, reply_to in rows:
            found[user_id].append(bodies.Draft(chat=chat, text=text, reply_to=reply_to))
        return found

    return Read(DRAFTS, [list(people)], build)


def publication(row: Draft) -> Publication:
    """The last change of one draft, for its person's stream."""
    event = events.DraftChanged(
        user_rev=row.person_rev, chat=row.chat_id, text=row.text, reply_to=row.reply_to
    )
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)
