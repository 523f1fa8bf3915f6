"""The events of the server, with only the fields that the load generator uses.

The names are those of apps/wire/events.py. The references send the same.
"""

from typing import get_args

from msgspec import Struct, defstruct
from msgspec.json import Decoder

from apps.wire.events import AnyEvent

# Events with a type of their own below. All others are skipped by their tag.
_READ = ("message", "receipt", "ack", "error", "synced", "welcome")
_READ += ("chats", "heartbeat", "snapshot")


class Entry(Struct, gc=False):
    """A timeline entry."""

    seq: int
    client_id: str
    sender: str = ""


class MessageEvent(Struct, tag_field="type", tag="message", gc=False):
    """A message of any member, the receiver included."""

    message: Entry
    # The references have none.
    rev: int = 0


class Position(Struct, gc=False):
    """How far a member has read."""

    person: str
    read: int


class ReceiptEvent(Struct, tag_field="type", tag="receipt", gc=False):
    """A member's positions moved."""

    position: Position


class AckEvent(Struct, tag_field="type", tag="ack", gc=False):
    """A command was committed. Only `send` has a `seq`."""

    ref: str
    seq: int | None = None


class ErrorEvent(Struct, tag_field="type", tag="error", gc=False):
    """A command was refused."""

    code: str
    ref: str | None = None


class Profile(Struct, gc=False):
    """The person who connects."""

    id: str


class WelcomeEvent(Struct, tag_field="type", tag="welcome", gc=False):
    """The first event. The references send none."""

    me: Profile
    epoch: str = ""


class SnapshotEvent(Struct, tag_field="type", tag="snapshot", gc=False):
    """The client begins with nothing."""

    user_rev: int


class Head(Struct, gc=False):
    """Where a chat is."""

    id: str
    rev: int
    last_seq: int


class ChatsEvent(Struct, tag_field="type", tag="chats", gc=False):
    """Chats of a snapshot."""

    chats: list[Head] = []


class HeartbeatEvent(Struct, tag_field="type", tag="heartbeat", gc=False):
    """Where chats are. A client that is behind one of them resumes."""

    heads: dict[str, int] = {}


class SyncedEvent(Struct, tag_field="type", tag="synced", gc=False):
    """The connection is live."""


class OtherEvent(Struct, tag_field="type", gc=False):
    """Base class of skipped events."""


def _others() -> tuple[type[OtherEvent], ...]:
    tags = (event.__struct_config__.tag for event in get_args(AnyEvent))
    return tuple(
        defstruct(f"Other{tag}", [], bases=(OtherEvent,), tag=tag)
        for tag in tags
        if tag not in _READ
    )


_one = MessageEvent | ReceiptEvent | AckEvent | ErrorEvent | WelcomeEvent | SyncedEvent
_one = _one | ChatsEvent | HeartbeatEvent | SnapshotEvent
LoadEvent = _one | OtherEvent
for _other in _others():
    _one = _one | _other

_decoder: Decoder[LoadEvent | list[LoadEvent]] = Decoder(_one | list[_one])  # type: ignore[valid-type]


def decode(payload: bytes) -> list[LoadEvent]:
    """Decode the events of one frame."""
    found = _decoder.decode(payload)
    return found if isinstance(found, list) else [found]
