"""The WebSocket transport: a Channels consumer, with a receive loop of its own for speed."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qs

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    WebSocketConnectEvent,
    WebSocketDisconnectEvent,
    WebSocketReceiveEvent,
    WebSocketScope,
)
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import Error

from apps.core import context
from apps.core.database import refusal_of
from apps.core.errors import Invalid, RateLimited, SignedOut, Unavailable
from apps.realtime import authentication, handshake, origin
from apps.realtime.admission import Admitted
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.http import Disconnected
from apps.realtime.server import get_server
from apps.wire.close_codes import CloseCode

T = TypeVar("T")
RESUME_TIMEOUT_S = 10.0
MAX_QUERY_FIELDS = 10
# Closing before the handshake is accepted makes the server respond with 403; no client sees this.
REFUSED = 4403


class WebSocketTransport:
    """Writes WebSocket frames."""

    __slots__ = ("_send",)
    name = "websocket"

    def __init__(self, send: ASGISendCallable) -> None:
        self._send = send

    def accept(self) -> Awaitable[None]:
        """Complete the handshake."""
        return self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})

    def write(self, frame: str) -> Awaitable[None]:
        """Send a text frame."""
        return self._send({"type": "websocket.send", "text": frame, "bytes": None})

    def close(self, code: int) -> Awaitable[None]:
        """Send the close frame."""
        return self._send({"type": "websocket.close", "code": int(code), "reason": None})


class Incoming:
    """Receives the messages of one WebSocket, and notices during long work that the client has
    disconnected."""

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


class WebSocketConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels has no types
    """One WebSocket, from its handshake to its end."""

    async def __call__(
        self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Receive messages and call their handlers, until one of them stops the consumer.

        Replaces Channels' loop, which gives every consumer a channel in the channel layer and waits
        for the client and the channel with two tasks per message: half of what a message costs
        here. The hub writes to connections directly and the relay has one channel per process, so
        a consumer receives only its client's messages.
        """
        self.scope = scope
        self.base_send = send
        context.begin("connection", list(scope["headers"]))
        self._incoming = Incoming(receive)
        self._connection: Connection | None = None
        self._resume_timer: asyncio.TimerHandle | None = None
        try:
            while True:
                message = await self._incoming.next()
                if message["type"] == "websocket.receive":
                    await self.websocket_receive(message)
                elif message["type"] == "websocket.connect":
                    await self.websocket_connect(message)
                elif message["type"] == "websocket.disconnect":
                    await self.websocket_disconnect(message)
        except (StopConsumer, Disconnected):
            pass
        finally:
            self._incoming.close()
            if self._resume_timer is not None:
                self._resume_timer.cancel()
            if self._connection is not None:
                handshake.unregister(self._server, self._connection)

    async def websocket_connect(self, message: WebSocketConnectEvent) -> None:
        """Check the origin, authenticate, accept and register the connection, or refuse it."""
        headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in self.scope["headers"]}
        ticket = _ticket(self.scope)
        transport = WebSocketTransport(self.base_send)
        ours = origin.allowed(headers.get("origin", ""), headers.get("host", ""))
        if not ours and authentication.needs_origin(headers, ticket=ticket):
            await transport.close(REFUSED)
            raise StopConsumer
        authenticating = _authenticate(self.scope, headers, ticket)
        found = await self._incoming.unless_disconnected(authenticating)
        await transport.accept()
        if not isinstance(found, CloseCode) and handshake.too_many(found.welcome.me.id):
            found = CloseCode.TOO_MANY
        if isinstance(found, CloseCode):
            await transport.close(found)
            raise StopConsumer
        server = get_server()
        connection = handshake.open_connection(transport, server, self.scope, found)
        handshake.register(server, connection)
        self._server, self._connection = server, connection
        self._dispatcher = Dispatcher(server, connection)
        self._start_resume_timer(connection)
        # The server keeps the scope as long as the connection. Nobody reads these again.
        self.scope["headers"].clear()  # type: ignore[attr-defined]  # a list, by any server

    async def websocket_receive(self, message: WebSocketReceiveEvent) -> None:
        """Execute a command."""
        connection = self._connection
        if connection is None or connection.outgoing.closed:
            return
        frame = message.get("text") or ""
        if connection.resumed:
            await self._dispatcher.handle(frame)
        else:
            await self._incoming.unless_disconnected(self._dispatcher.handle(frame))

    async def websocket_disconnect(self, message: WebSocketDisconnectEvent) -> None:
        """Stop."""
        raise StopConsumer

    def _start_resume_timer(self, connection: Connection) -> None:
        loop = connection.outgoing.loop
        self._resume_timer = loop.call_later(
            RESUME_TIMEOUT_S, self._close_unless_resumed, connection
        )

    def _close_unless_resumed(self, connection: Connection) -> None:
        """Close a connection whose `resume` has not come, or failed and was not repeated. Look
        again later while a resume runs: its time does not count."""
        if connection.resumed or connection.outgoing.closed:
            return
        if connection.resuming:
            self._start_resume_timer(connection)
        else:
            connection.outgoing.close(CloseCode.NO_RESUME)


async def refuse(
    scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Refuse a WebSocket at any other address (an ASGI application)."""
    await receive()
    await WebSocketTransport(send).close(REFUSED)


def _ticket(scope: WebSocketScope) -> str:
    """The ticket in the query string, or ""."""
    try:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=MAX_QUERY_FIELDS)
    except ValueError:
        return ""
    return query.get("ticket", [""])[0]


async def _authenticate(
    scope: WebSocketScope, headers: dict[str, str], ticket: str
) -> Admitted | CloseCode:
    """Who connects, or why the connection is refused."""
    try:
        credentials = authentication.credentials_of(headers, ticket=ticket)
        handshake.check_attempt(scope, credentials.session_key)
        return await handshake.authenticate(credentials) or CloseCode.SIGNED_OUT
    except RateLimited:
        return CloseCode.TOO_MANY
    except (SignedOut, Invalid):
        return CloseCode.SIGNED_OUT
    except (Error, TimeoutError, Unavailable) as error:
        refusal_of(error)  # logs an outage
        return CloseCode.RESTARTING
