"""A WebSocket of the load generator."""

import asyncio
import base64
import os

from chatproject.load.endpoint import Endpoint
from chatproject.load.framing import CLOSE, PING, PONG, TEXT, FrameReader, encode_frame


class ConnectionRefused(Exception):
    """The server refused the connection, or ended it."""


class WebSocket(asyncio.Protocol):
    """Handles the handshake, pings and closing. Subclasses handle text frames.

    `opened` is done when the server has accepted the upgrade.
    """

    def __init__(self, *, endpoint: Endpoint, cookie: str) -> None:
        self._endpoint = endpoint
        self._cookie = cookie
        self._reader = FrameReader()
        self._head = b""
        self._upgraded = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: str | None = None
        self.frames = 0
        self.transport: asyncio.Transport

    def text(self, payload: bytes) -> None:
        """Handle the payload of a text frame."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Ask for the upgrade (RFC 6455, 4.1)."""
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {self._endpoint.authority}\r\n"
            f"Origin: {self._endpoint.origin}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nCookie: {self._cookie}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Read the response to the handshake, then frames."""
        if not self._upgraded:
            data = self._handshake(data)
        for opcode, payload in self._reader.feed(data):
            if opcode == TEXT:
                self.frames += 1
                self.text(payload)
            elif opcode == PING:
                self.transport.write(encode_frame(payload, PONG))
            elif opcode == CLOSE:
                self.closed = f"{int.from_bytes(payload[:2], 'big')} {payload[2:].decode()}"

    def connection_lost(self, error: Exception | None) -> None:
        """Keep the reason, and fail a handshake that is under way."""
        self.closed = self.closed or str(error or "the server hung up")
        if not self.opened.done():
            self.opened.set_exception(ConnectionRefused(self.closed))

    def _handshake(self, data: bytes) -> bytes:
        """Read the head of the response. Returns the bytes after it."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        self._upgraded = True
        if head.startswith(b"HTTP/1.1 101"):
            self.opened.set_result(None)
        elif not self.opened.done():
            self.opened.set_exception(ConnectionRefused(head.split(b"\r\n")[0].decode()))
            self.transport.close()
        return rest
