"""WebSocket frames (RFC 6455), as far as load clients need them.

Frames are masked with a zero key: unmasking costs the server the same, and masking costs the client
nothing.
"""

from collections.abc import Iterator

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_FIN = 0x80
_MASKED = 0x80
_ZERO_KEY = bytes(4)


class UnexpectedFrame(Exception):
    """The server sent a fragment, which these clients do not support."""


def encode_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Encode one complete client frame."""
    length = len(payload)
    if length < 126:
        size = bytes((_MASKED | length,))
    elif length < 65536:
        size = bytes((_MASKED | 126,)) + length.to_bytes(2, "big")
    else:
        size = bytes((_MASKED | 127,)) + length.to_bytes(8, "big")
    return bytes((_FIN | opcode,)) + size + _ZERO_KEY + payload


class FrameReader:
    """Splits the bytes of a server into frames."""

    __slots__ = ("_incomplete",)

    def __init__(self) -> None:
        self._incomplete = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the (opcode, payload) of each complete frame, and keep an incomplete one."""
        if self._incomplete:
            data = self._incomplete + data
        at, end = 0, len(data)
        while end - at >= 2:
            length, begin = data[at + 1], at + 2
            if length > 125:
                begin += 2 if length == 126 else 8
                if end < begin:
                    break
                length = int.from_bytes(data[at + 2 : begin], "big")
            if end - begin < length:
                break
            if not data[at] & _FIN:
                raise UnexpectedFrame(data[at:begin].hex())
            yield data[at] & 0x0F, data[begin : begin + length]
            at = begin + length
        self._incomplete = data[at:]
