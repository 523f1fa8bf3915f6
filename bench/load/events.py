"""The fields of the server's events that the load program looks at; the rest is skipped.

The names are those of apps/wire/events.py; the references send the same.
"""

from typing import get_args

from msgspec import Struct, defstruct
from msgspec.json import Decoder

from apps.wire.events import AnyEvent

# Read: what is told apart. All other events of the protocol are passed over by their tag.
_READ = ("message", "ack", "error", "synced")


class Entry(Struct, gc=False):
    """A timeline entry, as far as it is checked."""

    seq: int
    client_id: str


class MessageEvent(Struct, tag_field="type", tag="message", gc=False):
    """Somebody's message, one's own included."""

    message: Entry


class AckEvent(Struct, tag_field="type", tag="ack", gc=False):
    """Committed; `seq` is absent where the command was no `send`."""

    ref: str
    seq: int | None = None


class ErrorEvent(Struct, tag_field="type", tag="error", gc=False):
    """Refused."""

    code: str


class SyncedEvent(Struct, tag_field="type", tag="synced", gc=False):
    """The connection is live."""


class OtherEvent(Struct, tag_field="type", gc=False):
    """Base of the events that are passed over."""


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
    """The events of one frame."""
    found = _decoder.decode(payload)
    return found if isinstance(found, list) else [found]
