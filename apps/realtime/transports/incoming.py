"""The messages of one WebSocket, received while other work may be running."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent

from apps.realtime.http import Disconnected

T = TypeVar("T")


class Incoming:
    """Receives messages, and notices during long work that the client has disconnected."""

    __slots__ = ("_next", "_receive")

    def __init__(self, receive: ASGIReceiveCallable) -> None:
        self._receive = receive
        # The next message, when work is done while waiting for it.
        self._next: asyncio.Future[ASGIReceiveEvent] | None = None

    async def next(self) -> ASGIReceiveEvent:
        """The next message."""
        if self._next is None:
            return await self._receive()
        message, self._next = self._next, None
        return await message

    async def unless_disconnected(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`. Cancels it when the client disconnects first, so that work which
        still waits for a thread never begins. Raises Disconnected."""
        task = asyncio.ensure_future(work)
        if self._next is None:
            self._next = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait((task, self._next), return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and self._next.result()["type"] == "websocket.disconnect":
                raise Disconnected
            return await task
        finally:
            task.cancel()

    def close(self) -> None:
        """Stop receiving."""
        if self._next is not None:
            self._next.cancel()
