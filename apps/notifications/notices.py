"""What a push says, made at the moment it is sent by the app whose things it speaks of."""

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct


class Notice(Struct, frozen=True):
    """`seq` is the first unread message, where a click leads; `count` how many are unread, as
    far as they are counted."""

    chat: UUID
    seq: int
    count: int
    title: str
    body: str


Describer = Callable[[UUID, UUID, int, int], Notice | None]
_describers: list[Describer] = []


def register_describer(describer: Describer) -> None:
    """Have `describer(person, chat, first_seq, last_seq)` make the notices of chats. It answers
    None when there is nothing (left) for that person to be told."""
    _describers[:] = [describer]


def describe(person: UUID, chat: UUID, *, first: int, last: int) -> Notice | None:
    """The notice of a run of messages, as it is now."""
    return _describers[0](person, chat, first, last) if _describers else None
