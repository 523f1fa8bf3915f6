"""A publication on its way: encoded once, the same for this process and for the others."""

from uuid import UUID

import msgspec

from apps.wire.codec import encode
from apps.wire.publish import AnyEffect, Publication, Stream


class Envelope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`event` is JSON text ready for a frame; the rest is for the hub."""

    stream: Stream
    to: UUID
    rev: int | None
    follows: int | None
    event: str | None
    effect: AnyEffect | None
    ephemeral: bool


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Envelope])


def envelopes(publications: list[Publication]) -> list[Envelope]:
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
        )
        for item in publications
    ]


def pack(items: list[Envelope]) -> bytes:
    """For another process."""
    return _encoder.encode(items)


def unpack(data: bytes) -> list[Envelope]:
    """From another process of the same release. Raises msgspec.DecodeError on anything else."""
    return _decoder.decode(data)
