"""The content of a notification. The chats app, which is above this one, makes it when a push is
sent."""

from typing import Protocol
from uuid import UUID

from msgspec import Struct


class Notice(Struct, frozen=True):
    """`seq`: the first unread message, which a click opens. `count`: how many messages are unread
    (counting stops at a limit). `picture`: the file of a picture in the newest one."""

    chat: UUID
    seq: int
    count: int
    title: str
    body: str
    picture: UUID | None = None


class Describer(Protocol):
    """Makes the notice of the messages from `first` to `last` (seqs) for a member of a chat."""

    def __call__(self, user_id: UUID, chat_id: UUID, *, first: int, last: int) -> Notice | None:
        """The notice, or None when nothing is left to notify the person of."""
        ...


_describers: list[Describer] = []


def register_describer(describer: Describer) -> None:
    """Let `describer` make the notices of chats."""
    _describers[:] = [describer]


def describe(person: UUID, chat: UUID, *, first: int, last: int) -> Notice | None:
    """The notice of a run of messages, made from what is unread now."""
    return _describers[0](person, chat, first=first, last=last) if _describers else None
