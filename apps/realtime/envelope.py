"""Publications with their event encoded once, the same for this process and for others."""

from uuid import UUID

import msgspec

from apps.wire.codec import encode
from apps.wire.publish import AnyEffect, Publication, Stream


class Envelope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`event` is JSON text, ready for a frame. Only the hub reads the other fields.

    `committed_at`: seconds since 1970; 0 for what has no COMMIT, or was read from the change feed.
    `trace`: the W3C trace context of the change, if it is traced. New fields go to the end and have
    a default: the previous release reads these envelopes, too.
    """

    stream: Stream
    to: UUID
    rev: int | None
    follows: int | None
    event: str | None
    effect: AnyEffect | None
    ephemeral: bool
    without: frozenset[UUID] = frozenset()
    committed_at: float = 0.0
    trace: str = ""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Envelope])


def envelopes(publications: list[Publication], *, committed_at: float = 0.0) -> list[Envelope]:
    """The publications with their events encoded."""
    return [
        Envelope(
            item.stream,
            item.to,
            item.rev,
            item.follows,
            None if item.event is None else encode(item.event),
            item.effect,
            item.ephemeral,
            item.without,
            committed_at,
            item.trace,
        )
        for item in publications
    ]


def pack(items: list[Envelope]) -> bytes:
    """Encode envelopes for another process."""
    return _encoder.encode(items)


def unpack(data: bytes) -> list[Envelope]:
    """Decode envelopes of another process. Raises msgspec.DecodeError when it runs another release
    whose envelopes differ."""
    return _decoder.decode(data)
