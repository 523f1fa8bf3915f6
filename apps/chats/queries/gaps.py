"""Gaps: what members get instead of too many changes of a chat."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from apps.chats.queries import history
from apps.chats.queries.unread import MENTIONED, UNCOUNTED
from apps.core.errors import NotFound
from apps.core.named_rows import select_list
from apps.core.reads import KeyedRead, Read, read
from apps.wire import events

# Limits of the entries sent with a gap. Bytes are approximately JSON.
GAP_MESSAGES = 50
GAP_BYTES = 250_000


class _Place(NamedTuple):
    """What a gap says of the chat, and of its member."""

    rev: int
    title: str
    picture: UUID | None
    closed_reason: str
    kept_from: int
    kept_days: int
    last_seq: int
    read_seq: int
    uncounted: list[int]
    mentioned: list[int]


_CHAT = ("rev", "title", "picture", "closed_reason", "kept_from", "kept_days", "last_seq")
_COLUMNS = select_list(
    _Place,
    **{name: f"c.{name}" for name in _CHAT},
    read_seq="my.read_seq",
    uncounted=UNCOUNTED,
    mentioned=MENTIONED,
)
PLACES = f"""
SELECT k.person, k.chat, {_COLUMNS}
FROM unnest(%s::uuid[], %s::uuid[]) AS k (person, chat)
JOIN chats_member my ON my.chat_id = k.chat AND my.user_id = k.person AND my.left_rev IS NULL
JOIN accounts_user u ON u.id = k.person AND u.is_active
JOIN chats_chat c ON c.id = k.chat
"""  # noqa: S608  constants only


class GapsReading:
    """The reads of the gaps of these members, given as (person, chat)."""

    def __init__(self, members: Collection[tuple[UUID, UUID]]) -> None:
        asked = list(members)
        columns = [person for person, _ in asked], [chat for _, chat in asked]
        self._places: KeyedRead[tuple[UUID, UUID], _Place] = KeyedRead(
            PLACES, columns, _Place._make, width=2
        )
        chats = {chat for _, chat in asked}
        self._entries = history.newest_reading(chats, limit=GAP_MESSAGES, max_bytes=GAP_BYTES)
        # The revision comes before the entries: they may then be newer than it, but never older.
        self.reads: list[Read[Any]] = [self._places, self._entries] if asked else []

    def of(self, user_id: UUID, chat_id: UUID) -> events.Gap:
        """The gap of one of the members. Raises NotFound."""
        found = self._places.of((user_id, chat_id))
        if not found:
            raise NotFound
        messages = sorted(self._entries.of(chat_id), key=lambda entry: entry.seq)
        return events.Gap(chat=chat_id, messages=messages, **found[0]._asdict())


def gap(user_id: UUID, chat_id: UUID) -> events.Gap:
    """The gap of one member. Raises NotFound."""
    gaps = GapsReading([(user_id, chat_id)])
    read(*gaps.reads)
    return gaps.of(user_id, chat_id)
