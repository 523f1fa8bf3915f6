"""Saved messages of a person."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from apps.chats.models import Saved
from apps.chats.queries import message_rows
from apps.core.reads import KeyedRead, Read, Rows, read_changes
from apps.wire import bodies, events
from apps.wire.publish import Publication

MAX_SAVED = 500
# A page with long texts ends early, but has at least one message.
MAX_SAVED_BYTES = 2_000_000
# `octet_length` does not read a long text. `remaining`: how many follow.
SAVED = f"""
SELECT k.remaining, k.at, k.chat_id, e.* FROM (
    SELECT s.chat_id, s.seq, s.at, octet_length(t.text) AS size,
        sum(octet_length(t.text)) OVER (ORDER BY s.at DESC, s.chat_id, s.seq) AS total,
        count(*) OVER () - row_number() OVER (ORDER BY s.at DESC, s.chat_id, s.seq) AS remaining
    FROM chats_saved s
    JOIN chats_member my
        ON my.chat_id = s.chat_id AND my.user_id = s.user_id AND my.left_rev IS NULL
    JOIN chats_message t ON t.chat_id = s.chat_id AND t.seq = s.seq
    WHERE s.user_id = %(user)s AND NOT s.gone AND (%(at)s::timestamptz IS NULL OR s.at < %(at)s
        OR s.at = %(at)s AND (s.chat_id, s.seq) > (%(chat)s::uuid, %(seq)s::bigint))
    ORDER BY s.at DESC, s.chat_id, s.seq LIMIT %(limit)s
) k
CROSS JOIN LATERAL ({message_rows.SELECT} WHERE m.chat_id = k.chat_id AND m.seq = k.seq) e
WHERE k.total - k.size < {MAX_SAVED_BYTES} ORDER BY k.at DESC, k.chat_id, k.seq
"""  # noqa: S608  constants only
PLACES = """
SELECT user_id, chat_id, seq FROM chats_saved WHERE user_id = ANY(%s) AND NOT gone ORDER BY at DESC
"""


def changes_reading(since: Mapping[UUID, int]) -> KeyedRead[UUID, Publication]:
    """The read of each person's saved messages that changed after a revision of their stream."""
    return read_changes(Saved, since, publication)


def reading(people: Collection[UUID]) -> Read[dict[UUID, list[bodies.SavedMessage]]]:
    """The read of which messages each person has saved, the newest first."""

    def build(rows: Rows) -> dict[UUID, list[bodies.SavedMessage]]:
        found: dict[UUID, list[bodies.SavedMessage]] = {user_id: [] for user_id in people}
        for user_id, chat, seq in rows:
            found[user_id].append(bodies.SavedMessage(chat=chat, seq=seq))
        return found

    return Read(PLACES, [list(people)], build)


class SavedPlace(NamedTuple):
    """The place of a saved message in the list: when it was saved, its chat and its seq."""

    at: datetime
    chat: UUID
    seq: int


def messages_of(
    user_id: UUID, *, after: SavedPlace | None = None, limit: int = MAX_SAVED
) -> tuple[list[tuple[UUID, bodies.Message]], SavedPlace | None]:
    """A page of the saved messages that the person may still see, last saved first, as (chat,
    message), and the place where the next page begins; None: there is none."""
    at, chat, seq = after or (None, None, None)
    values = {"user": user_id, "at": at, "chat": chat, "seq": seq, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(SAVED, values)
        rows = cursor.fetchall()
    items = [(chat, message_rows.message(row)) for _, _, chat, *row in rows]
    if not rows or not rows[-1][0]:
        return items, None
    _, at, chat, *_ = rows[-1]
    return items, SavedPlace(at, chat, items[-1][1].seq)


def publication(row: Saved) -> Publication:
    """The last change of one saved message, for its person's stream."""
    event = events.SavedChanged(
        user_rev=row.person_rev, chat=row.chat_id, seq=row.seq, saved=not row.gone
    )
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)
