"""A WebSocket of the load generator."""

import asyncio
import base64
import os
from typing import Any

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
                # As browsers do: the server waits for it.
                self.transport.write(encode_frame(payload, CLOSE))
                self.transport.close()

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


class EventSocket(WebSocket):
    """The connection of a device: a frame is an event or a list of events, which subclasses decode
    and handle. `synced` is done when the missed events have come."""

    def __init__(self, *, endpoint: Endpoint, cookie: str) -> None:
        super().__init__(endpoint=endpoint, cookie=cookie)
        self._replies: dict[str, asyncio.Future[None]] = {}
        # Only `synced` is awaited.
        self.opened.add_done_callback(lambda opened: opened.exception())
        self.synced = self.reply("resume")

    def decode(self, payload: bytes) -> Any:
        """The event of a frame, or its list of events."""
        raise NotImplementedError

    def handle(self, event: Any) -> None:
        """Handle one event."""
        raise NotImplementedError

    def text(self, payload: bytes) -> None:
        """Handle a frame of events."""
        found = self.decode(payload)
        for event in found if isinstance(found, list) else [found]:
            self.handle(event)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail everything that waits for a reply."""
        super().connection_lost(error)
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(ConnectionRefused(self.closed))

    def reply(self, ref: str) -> asyncio.Future[None]:
        """What is done with the reply to the command `ref`, or with the end of the connection."""
        reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._replies[ref] = reply
        return reply

    def settle(self, ref: str, refused: str | None = None) -> None:
        """The reply to the command `ref` has come; `refused`: why the server refuses it."""
        reply = self._replies.pop(ref, None)
        if reply is None or reply.done():
            return
        if refused:
            reply.set_exception(ConnectionRefused(refused))
        else:
            reply.set_result(None)
