"""The WebSocket transport: a Channels consumer, with a receive loop of its own for speed."""

import asyncio
from collections.abc import Awaitable

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    WebSocketConnectEvent,
    WebSocketDisconnectEvent,
    WebSocketReceiveEvent,
    WebSocketScope,
)
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import RateLimited
from apps.realtime import authentication, handshake, origin
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.http import Disconnected
from apps.realtime.server import get_server
from apps.realtime.transports.incoming import Incoming
from apps.wire.close_codes import CloseCode
from apps.wire.events import Welcome

RESUME_TIMEOUT_S = 10.0
# Closing before the handshake is accepted makes the server respond with 403; no client sees this.
REFUSED = 4403


class WebSocketTransport:
    """Writes WebSocket frames."""

    __slots__ = ("_send",)

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
        headers = {name: value.decode("latin-1") for name, value in self.scope["headers"]}
        transport = WebSocketTransport(self.base_send)
        if not origin.allowed(headers.get(b"origin", ""), headers.get(b"host", "")):
            await transport.close(REFUSED)
            raise StopConsumer
        key = authentication.session_key_of(headers.get(b"cookie", "")) or ""
        found = await self._incoming.unless_disconnected(_authenticate(self.scope, key))
        await transport.accept()
        if not isinstance(found, CloseCode) and handshake.too_many(found.me.id):
            found = CloseCode.TOO_MANY
        if isinstance(found, CloseCode):
            await transport.close(found)
            raise StopConsumer
        server = get_server()
        connection = handshake.open_connection(
            transport, server, self.scope, welcomed=found, key=key
        )
        handshake.register(server, connection)
        self._server, self._connection = server, connection
        self._dispatcher = Dispatcher(server, connection)
        self._start_resume_timer(connection)

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


async def _authenticate(scope: WebSocketScope, key: str) -> Welcome | CloseCode:
    """The first event, or why the connection is refused."""
    if not key:
        return CloseCode.SIGNED_OUT
    try:
        handshake.check_attempt(scope, key)
        return await handshake.authenticate(key) or CloseCode.SIGNED_OUT
    except RateLimited:
        return CloseCode.TOO_MANY
    except (Error, TimeoutError) as error:
        refusal_of(error)  # logs an outage
        return CloseCode.RESTARTING
