"""The content of a notification. The chats app, which is above this one, makes it when a push is
sent."""

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct


class Notice(Struct, frozen=True):
    """`seq`: the first unread message, which a click opens. `count`: how many messages are unread
    (counting stops at a limit)."""

    chat: UUID
    seq: int
    count: int
    title: str
    body: str


Describer = Callable[[UUID, UUID, int, int], Notice | None]
_describers: list[Describer] = []


def register_describer(describer: Describer) -> None:
    """Let `describer(person, chat, first_seq, last_seq)` make the notices of chats. It returns None
    when nothing is left to notify the person of."""
    _describers[:] = [describer]


def describe(person: UUID, chat: UUID, *, first: int, last: int) -> Notice | None:
    """The notice of a run of messages, made from what is unread now."""
    return _describers[0](person, chat, first, last) if _describers else None
