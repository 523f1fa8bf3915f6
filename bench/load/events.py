"""The events of the server, with only the fields that the load generator uses.

The names are those of apps/wire/events.py. The references send the same.
"""

from typing import get_args

from msgspec import Struct, defstruct
from msgspec.json import Decoder

from apps.wire.events import AnyEvent

# Events with a type of their own below. All others are skipped by their tag.
_READ = ("message", "ack", "error", "synced")


class Entry(Struct, gc=False):
    """A timeline entry."""

    seq: int
    client_id: str


class MessageEvent(Struct, tag_field="type", tag="message", gc=False):
    """A message of any member, the receiver included."""

    message: Entry


class AckEvent(Struct, tag_field="type", tag="ack", gc=False):
    """A command was committed. Only `send` has a `seq`."""

    ref: str
    seq: int | None = None


class ErrorEvent(Struct, tag_field="type", tag="error", gc=False):
    """A command was refused."""

    code: str


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


LoadEvent = MessageEvent | AckEvent | ErrorEvent | SyncedEvent | OtherEvent
_one = MessageEvent | AckEvent | ErrorEvent | SyncedEvent
for _other in _others():
    _one = _one | _other

_decoder: Decoder[LoadEvent | list[LoadEvent]] = Decoder(_one | list[_one])  # type: ignore[valid-type]


def decode(payload: bytes) -> list[LoadEvent]:
    """Decode the events of one frame."""
    found = _decoder.decode(payload)
    return found if isinstance(found, list) else [found]
