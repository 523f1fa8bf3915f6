"""uvicorn's WebSocket protocol, with less memory for each connection."""

import asyncio
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


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


class LeanWebSocket(WebSocketsSansIOProtocol):
    """Forgets the request of the handshake, some 3 KiB, which uvicorn keeps and does not use."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = cast("asyncio.Queue[ASGIReceiveEvent]", MessageQueue())

    def handle_connect(self, event: Any) -> None:
        """Begin the application's part of the handshake."""
        super().handle_connect(event)
        del self.request
