"""The content of a notification. The apps above this one make it when a push is sent: `chats` for
messages, others for their topics.

A topic is something other than a chat that notifies people. In the ledger of pushes it stands where
a chat's id stands; its seqs are times in milliseconds.
"""

from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

# What waits for a moderator; decisions about a person's reports. Version 0: no id of ours.
FOR_MODERATORS = UUID(int=1)
FOR_REPORTERS = UUID(int=2)
TOPICS = (FOR_MODERATORS, FOR_REPORTERS)


class Notice(Struct, frozen=True):
    """`seq`: the first unread message, which a click opens. `count`: how many messages are unread
    (counting stops at a limit). `picture`: the file of a picture in the newest one. `path`: the
    page that a click opens, of a topic, whose title and body contain nothing that people wrote.
    `last`: the run of messages ends there."""

    chat: UUID
    seq: int
    count: int
    title: str
    body: str
    picture: UUID | None = None
    path: str = ""
    last: int = 0


class Describer(Protocol):
    """Makes the notice of the messages from `first` to `last` (seqs) for a member of a chat."""

    def __call__(self, user_id: UUID, chat_id: UUID, /, *, first: int, last: int) -> Notice | None:
        """The notice, or None when nothing is left to notify the person of."""
        ...


# By topic; None: of chats.
_describers: dict[UUID | None, Describer] = {}


def register_describer(describer: Describer, *, topic: UUID | None = None) -> None:
    """Let `describer` make the notices of chats, or of a topic."""
    _describers[topic] = describer


def describe(person: UUID, chat: UUID, *, first: int, last: int) -> Notice | None:
    """The notice of a run of messages, made from what is unread now."""
    describer = _describers.get(chat if chat in TOPICS else None)
    notice = describer(person, chat, first=first, last=last) if describer else None
    return msgspec.structs.replace(notice, last=last) if notice else None
