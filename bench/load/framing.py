"""The little of RFC 6455 that a load client needs.

Masks are the zero key: the server undoes them at the same price, and the client need not
compute them.
"""

from collections.abc import Iterator

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_WHOLE = 0x80  # FIN
_MASKED = 0x80
_ZERO_KEY = bytes(4)


class UnexpectedFrame(Exception):
    """The server sent what these clients do not read: a fragment or a binary frame."""


def encode_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole client frame."""
    length = len(payload)
    if length < 126:
        size = bytes((_MASKED | length,))
    elif length < 65536:
        size = bytes((_MASKED | 126,)) + length.to_bytes(2, "big")
    else:
        size = bytes((_MASKED | 127,)) + length.to_bytes(8, "big")
    return bytes((_WHOLE | opcode,)) + size + _ZERO_KEY + payload


class FrameReader:
    """Cuts the server's bytes into frames."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The (opcode, payload) of each frame that is complete; the rest waits for more."""
        if self._rest:
            data = self._rest + data
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
            if not data[at] & _WHOLE:
                raise UnexpectedFrame(data[at:begin].hex())
            yield data[at] & 0x0F, data[begin : begin + length]
            at = begin + length
        self._rest = data[at:]
