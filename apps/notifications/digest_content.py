"""What a digest tells of: unread messages by chat. The app of chats, above this one, reads them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class Excerpt(Struct, frozen=True):
    """A message as a digest quotes it."""

    sender: str
    text: str
    at: datetime
    mentioned: bool


class UnreadChat(Struct, frozen=True):
    """The messages of a chat that notify a person and that no digest has told of.

    `first`: the seq of the first unread message, which a link opens. `last`: the chat's last entry;
    the next digest begins after it. `count`, `mentions`: how many there are, and mention the
    person; counting stops at a limit (`counted_all` False). `senders`: names, of the newest first.
    `excerpts`: mentions first, each part in the order of the chat; none if nothing may be quoted.
    """

    chat: UUID
    title: str
    first: int
    last: int
    count: int
    counted_all: bool
    mentions: int
    senders: Sequence[str]
    excerpts: Sequence[Excerpt]


class UnreadReader(Protocol):
    """Reads what is unread for a person, chats with mentions first, then those of the newest
    messages. Runs in one snapshot of the database."""

    def __call__(
        self, user_id: UUID, /, *, locale: str, texts: bool, told: bool
    ) -> list[UnreadChat]:
        """`told` False: also what an earlier digest has told of."""
        ...


_readers: list[UnreadReader] = []


def register_unread_reader(reader: UnreadReader) -> None:
    """Let `reader` say what is unread."""
    _readers.append(reader)


def unread_chats(user_id: UUID, *, locale: str, texts: bool, told: bool) -> list[UnreadChat]:
    """As `UnreadReader`."""
    return [
        chat for read in _readers for chat in read(user_id, locale=locale, texts=texts, told=told)
    ]
