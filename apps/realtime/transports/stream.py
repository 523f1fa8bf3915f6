"""The Server-Sent Events transport: each `data:` line is a frame as a WebSocket carries it.

https://html.spec.whatwg.org/multipage/server-sent-events.html. A frame cannot end its line: JSON
escapes line breaks.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import Refused
from apps.realtime import handshake, http, listen_request
from apps.realtime.admission import Admitted
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.listen_request import ListenRequest
from apps.realtime.server import get_server
from apps.wire.close_codes import CloseCode

HEADERS = {"Content-Type": "text/event-stream", **http.LIVE_HEADERS}
# How long to wait for a client to read the end of its stream.
CLOSE_TIMEOUT_S = 5.0


class StreamTransport:
    """Writes server-sent events."""

    __slots__ = ("_send", "closed")
    name = "stream"

    def __init__(self, send: ASGISendCallable) -> None:
        self._send = send
        self.closed = asyncio.Event()

    async def begin(self) -> None:
        """Start the response."""
        await http.start_response(self._send, 200, HEADERS.items())

    def write(self, frame: str) -> Awaitable[None]:
        """Send a frame as an event of the default type."""
        return self._send_body(f"data: {frame}\n\n", more=True)

    async def close(self, code: CloseCode) -> None:
        """Send an event `close` with the code, and end the response."""
        self.closed.set()
        await self._send_body(f"event: close\ndata: {int(code)}\n\n", more=False)

    def _send_body(self, text: str, *, more: bool) -> Awaitable[None]:
        body = text.encode()
        return self._send({"type": "http.response.body", "body": body, "more_body": more})


async def stream(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One stream, from its request to its end (an ASGI application)."""
    disconnected = None
    try:
        request = await listen_request.parse(scope, receive)
        disconnected = asyncio.ensure_future(http.wait_for_disconnect(receive))
        admitting = listen_request.admit(scope, request)
        admitted = await http.unless_disconnected(admitting, disconnected)
        transport = StreamTransport(send)
        await _listen(transport, scope, request, admitted=admitted, disconnected=disconnected)
    except http.Disconnected:
        return
    except (Refused, Error, TimeoutError) as error:
        await http.respond_refused(send, refusal_of(error))
    finally:
        if disconnected is not None:
            disconnected.cancel()


async def _listen(
    transport: StreamTransport,
    scope: HTTPScope,
    request: ListenRequest,
    *,
    admitted: Admitted,
    disconnected: "asyncio.Future[None]",
) -> None:
    server = get_server()
    await transport.begin()
    if handshake.too_many(admitted.welcome.me.id):  # others came while this one was admitted
        await transport.close(CloseCode.TOO_MANY)
        return
    connection = listen_request.open_connection(
        transport, server, scope, request=request, admitted=admitted
    )
    async with handshake.connected(server, connection):
        dispatcher = Dispatcher(server, connection)
        await http.unless_disconnected(dispatcher.handle(request.frame), disconnected)
        if not connection.resumed:
            connection.outgoing.close(CloseCode.RESTARTING)
        await _first(disconnected, asyncio.ensure_future(transport.closed.wait()))
        await asyncio.wait([disconnected], timeout=CLOSE_TIMEOUT_S)


async def _first(keep: "asyncio.Future[None]", other: "asyncio.Future[Any]") -> None:
    """Wait for either future; cancel the second."""
    await asyncio.wait((keep, other), return_when=asyncio.FIRST_COMPLETED)
    other.cancel()
