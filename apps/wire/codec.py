"""JSON encoding: commands are decoded and validated in one step, events are encoded once."""

import msgspec

from apps.core.errors import Invalid
from apps.wire.commands import AnyCommand, Command
from apps.wire.events import Event

_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_encoder = msgspec.json.Encoder()


class _Ref(msgspec.Struct):
    ref: str | None = None


_ref_decoder = msgspec.json.Decoder(_Ref)


def decode(frame: str) -> Command:
    """Decode and validate one frame. Raises Invalid, whose detail says what is wrong and where."""
    try:
        return _decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Invalid(str(error)) from None


def ref_of(frame: str) -> str | None:
    """The `ref` of a frame that is no valid command, or None if it has none."""
    try:
        ref = _ref_decoder.decode(frame).ref
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return ref[:64] if ref else None


def encode(event: Event) -> str:
    """Encode an event as JSON text."""
    return _encoder.encode(event).decode()


def join(bodies: list[str]) -> str:
    """Join encoded events into one frame. A single event stays as it is."""
    return bodies[0] if len(bodies) == 1 else f"[{','.join(bodies)}]"
