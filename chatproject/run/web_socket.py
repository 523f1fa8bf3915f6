"""uvicorn's WebSocket protocol, with less memory for a connection and less work for a frame."""

import asyncio
import struct
from collections.abc import Callable, Iterable
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.protocol import OPEN, Protocol


class MessageQueue:
    """The messages of one WebSocket for its only reader, in place of an `asyncio.Queue`, whose four
    deques take 3 KiB while they are empty. uvicorn stops reading while a message waits."""

    __slots__ = ("_messages", "_reader", "_taken")

    def __init__(self) -> None:
        # One by one, `pop(0)` would move all that wait: a frame may be a few bytes.
        self._messages: list[ASGIReceiveEvent] = []
        self._taken = 0
        # Exists while the reader waits.
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: ASGIReceiveEvent) -> None:
        """Add a message."""
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        """Whether no message waits."""
        return not self._messages

    async def get(self) -> ASGIReceiveEvent:
        """The next message."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        self._reader = None
        message = self._messages[self._taken]
        self._taken += 1
        if self._taken == len(self._messages):
            self._messages.clear()
            self._taken = 0
        return message


class Writable:
    """Whether a connection can take more, in place of an `asyncio.Event`, whose deque takes 0.7 KiB
    while nobody waits."""

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = True
        # Exists while somebody waits.
        self._waiting: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        """Whether it can."""
        return self._is_set

    def set(self) -> None:
        """It can, from now on."""
        self._is_set = True
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def clear(self) -> None:
        """It cannot, from now on."""
        self._is_set = False

    async def wait(self) -> None:
        """Return as soon as it can."""
        while not self._is_set:
            if self._waiting is None:
                self._waiting = asyncio.get_running_loop().create_future()
            # Shielded: several may wait, and one of them may be cancelled.
            await asyncio.shield(self._waiting)


class LeanWebSocket(WebSocketsSansIOProtocol):
    """Forgets the request of the handshake, some 3 KiB, which uvicorn keeps and does not use, and
    builds the frame of a text once for all connections that get it one after the other.

    `answered` is called when the handshake is over, or the connection.
    """

    def __init__(self, *args: Any, answered: Callable[[], object], **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = cast("asyncio.Queue[ASGIReceiveEvent]", MessageQueue())
        self.writable = cast("asyncio.Event", Writable())
        self._answered: Callable[[], object] | None = answered

    def open(self, method: str, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Begin the handshake with a request that has been parsed."""
        # From here on the peer sends frames.
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)
        fields = Headers(
            [(name.decode("ascii"), value.decode("latin-1")) for name, value in headers]
        )
        self.handle_connect(Request(url.decode("latin-1"), fields, method))

    def handle_connect(self, event: Any) -> None:
        """Begin the application's part of the handshake."""
        super().handle_connect(event)
        del self.request
        if self.handshake_complete:  # refused by uvicorn
            self._end_handshake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application."""
        super().connection_lost(exc)
        self._end_handshake()

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message of the application. Raises ClientDisconnected."""
        text = message.get("text") if message["type"] == "websocket.send" else None
        if text is None or self.conn.state is not OPEN or self.conn.extensions:
            await super().send(message)
            if self.handshake_complete:
                self._end_handshake()
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.conn.state is not OPEN:
            raise ClientDisconnected
        self.transport.write(frame_of(text))

    def _end_handshake(self) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered()


# The last text and its frame.
_last: tuple[str, bytes] = ("", b"\x81\x00")


def frame_of(text: str) -> bytes:
    """The unmasked frame of a text (RFC 6455, 5.2)."""
    global _last
    known, frame = _last
    if text is known:
        return frame
    payload = text.encode()
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x81, size)
    elif size < 65_536:
        head = struct.pack("!BBH", 0x81, 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 127, size)
    frame = head + payload
    _last = text, frame
    return frame
