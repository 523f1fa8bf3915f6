"""The WebSocket transport: framing, and the beginning and end of a connection.

Its own receive loop on bare ASGI: Channels' consumers wait on two tasks a message, which is half
of what a message costs here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import RateLimited
from apps.realtime import authentication, handshake, origin
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.http import Disconnected
from apps.realtime.server import Server, get_server
from apps.wire.close_codes import CloseCode
from apps.wire.events import Welcome

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
T = TypeVar("T")
RESUME_TIMEOUT_S = 10.0


class WebSocketTransport:
    """Writes WebSocket frames."""

    __slots__ = ("_send",)

    def __init__(self, send: Send) -> None:
        self._send = send

    def write(self, frame: str) -> Awaitable[None]:
        """One text frame."""
        return self._send({"type": "websocket.send", "text": frame})

    def close(self, code: CloseCode) -> Awaitable[None]:
        """The close frame."""
        return self._send({"type": "websocket.close", "code": int(code)})


class Incoming:
    """Reads messages, and notices during long work that the client has gone."""

    __slots__ = ("_ahead", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        # The next message, while it is waited for beside other work.
        self._ahead: asyncio.Future[Message] | None = None

    async def next(self) -> Message:
        """The next message."""
        if self._ahead is None:
            return await self._receive()
        ahead, self._ahead = self._ahead, None
        return await ahead

    async def unless_disconnected(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`. When the client closes first, `work` is cancelled: what waits for
        a thread then is never begun. Raises Disconnected."""
        task = asyncio.ensure_future(work)
        if self._ahead is None:
            self._ahead = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait((task, self._ahead), return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and self._ahead.result()["type"] == "websocket.disconnect":
                raise Disconnected
            return await task
        finally:
            task.cancel()

    def end(self) -> None:
        """Nothing is read any more."""
        if self._ahead is not None:
            self._ahead.cancel()


async def websocket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One connection, from its handshake to its end."""
    await receive()
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] != "/ws" or not origin.allowed(
        headers.get(b"origin", ""), headers.get(b"host", "")
    ):
        await send({"type": "websocket.close", "code": 4403})
        return
    key = authentication.session_key_of(headers.get(b"cookie", ""))
    incoming = Incoming(receive)
    try:
        found = await incoming.unless_disconnected(_welcomed(scope, key))
        await send({"type": "websocket.accept"})
        if isinstance(found, CloseCode):
            await WebSocketTransport(send).close(found)
        elif key is not None:
            await _connect(WebSocketTransport(send), incoming, welcomed=found, key=key)
    except Disconnected:
        return
    finally:
        incoming.end()


async def _welcomed(scope: dict[str, Any], key: str | None) -> Welcome | CloseCode:
    """The greeting, or why there is none."""
    if key is None:
        return CloseCode.SIGNED_OUT
    try:
        handshake.check_attempt(scope, key)
        return await handshake.authenticate(key) or CloseCode.SIGNED_OUT
    except RateLimited:
        return CloseCode.TOO_MANY
    except (Error, TimeoutError) as error:
        refusal_of(error)  # logs an outage
        return CloseCode.RESTARTING


async def _connect(
    transport: WebSocketTransport, incoming: Incoming, *, welcomed: Welcome, key: str
) -> None:
    server = get_server()
    if handshake.too_many(welcomed.me.id):
        await transport.close(CloseCode.TOO_MANY)
        return
    connection = handshake.open_connection(transport, server, welcomed=welcomed, key=key)
    async with handshake.connected(server, connection):
        await _talk(server, connection, incoming)


async def _talk(server: Server, connection: Connection, incoming: Incoming) -> None:
    dispatcher = Dispatcher(server, connection)
    overdue = server.loop.create_task(_resume_in_time(connection))
    try:
        while True:
            message = await incoming.next()
            if message["type"] == "websocket.disconnect":
                return
            if connection.outgoing.closed:
                continue
            frame = message.get("text") or ""
            if connection.resumed:
                await dispatcher.handle(frame)
            else:
                await incoming.unless_disconnected(dispatcher.handle(frame))
    finally:
        overdue.cancel()


async def _resume_in_time(connection: Connection) -> None:
    """Close a connection whose `resume` does not come, or fails and does not come again. The time
    that a resume takes does not count."""
    while not connection.resumed:
        await asyncio.sleep(RESUME_TIMEOUT_S)
        if not connection.resumed and not connection.resuming:
            connection.outgoing.close(CloseCode.NO_RESUME)
            return
