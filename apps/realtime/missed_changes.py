"""What several clients have missed in chats. Clients with the same cursor share what is read and
encoded."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.chats.queries.changes import ChangesReading, Cursor
from apps.chats.queries.gaps import GAP_BYTES, GapsReading
from apps.core.reads import Read
from apps.wire.codec import encode


class MissedChanges:
    """The reads of changes after cursors. `wanted`: the cursors of each person with the bytes of
    the changes after them; None: more than is sent, so a gap."""

    def __init__(self, wanted: Mapping[UUID, Mapping[Cursor, int | None]]) -> None:
        within: set[Cursor] = set()
        gaps: list[tuple[UUID, UUID]] = []
        for person, sizes in wanted.items():
            for cursor, size in sizes.items():
                if size is None:
                    gaps.append((person, cursor.chat))
                else:
                    within.add(cursor)
        self._within = within
        self._changes = ChangesReading(within)
        self._gaps = GapsReading(gaps)
        self._encoded: dict[Cursor, list[str]] = {}

    @property
    def reads(self) -> list[Read[Any]]:
        """What is to be read: nothing if nobody has missed anything."""
        return [*self._changes.reads, *self._gaps.reads]

    def of(self, person: UUID, cursor: Cursor) -> list[str]:
        """The encoded events that bring a person up to date who has the chat up to `cursor`. Raises
        what a row raises that cannot be built, and ValueError if more was read than was counted."""
        if cursor not in self._within:
            return [encode(self._gaps.of(person, cursor.chat))]
        encoded = self._encoded.get(cursor)
        if encoded is None:
            found = self._changes.of(cursor)
            if not found.complete:
                raise ValueError("there are more changes than were counted")
            events = (item.event for item in found.publications)
            encoded = [encode(event) for event in events if event is not None]
            self._encoded[cursor] = encoded
        return encoded


def weight_of(size: int | None) -> int:
    """The bytes to count for changes of this size; None: a gap."""
    return GAP_BYTES if size is None else size
