"""Messages of a person that are scheduled, or wait for a moderator."""

from collections.abc import Collection, Iterable, Mapping
from typing import cast
from uuid import UUID

import msgspec

from apps.chats.models import Scheduled
from apps.core.errors import NotFound
from apps.core.reads import KeyedRead, Read, read_changes, read_models, result_of
from apps.wire import bodies, events
from apps.wire.publish import Publication

# What its owner may change, and what is not over.
CHANGEABLE = (Scheduled.State.WAITING, Scheduled.State.FAILED)
OPEN = (*CHANGEABLE, Scheduled.State.HELD)


def of_person(user_id: UUID) -> list[bodies.Scheduled]:
    """The messages that wait, are held or failed, by due time."""
    return result_of(reading([user_id]))[user_id]


def reading(people: Collection[UUID]) -> Read[dict[UUID, list[bodies.Scheduled]]]:
    """The read of each person's messages that wait, are held or failed, by due time."""

    def build(rows: Iterable[Scheduled]) -> dict[UUID, list[bodies.Scheduled]]:
        found: dict[UUID, list[bodies.Scheduled]] = {user_id: [] for user_id in people}
        for row in rows:
            found[row.user_id].append(body(row))
        return found

    return read_models(
        Scheduled,
        "WHERE user_id = ANY(%s) AND state = ANY(%s) ORDER BY due_at, id",
        [list(people), list(map(str, OPEN))],
        build,
    )


def get_scheduled(user_id: UUID, scheduled_id: UUID) -> Scheduled:
    """One of the person's rows, locked until the end of the transaction. Raises NotFound."""
    rows = Scheduled.objects.select_for_update().filter(id=scheduled_id, user_id=user_id)
    if (found := rows.first()) is None:
        raise NotFound
    return found


def changes_reading(since: Mapping[UUID, int], *, limit: int) -> KeyedRead[UUID, Publication]:
    """The read of each person's first rows that changed after a revision of their stream, in that
    order."""
    return read_changes(Scheduled, since, publication, limit=limit)


def publication(row: Scheduled) -> Publication:
    """The last change of one scheduled message, for its person's stream."""
    event = events.ScheduledChanged(user_rev=row.person_rev, scheduled=body(row))
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)


def body(row: Scheduled) -> bodies.Scheduled:
    """As its owner sees it."""
    return bodies.Scheduled(
        id=row.id,
        chat=row.chat_id,
        client_id=row.client_id,
        text=row.text,
        files=msgspec.convert(row.files or [], list[bodies.File]),
        reply_to=row.reply_to,
        due_at=row.due_at,
        state=cast(bodies.ScheduledState, row.state),
        reason=row.reason,
        seq=row.seq,
        answer=row.answer,
    )
