"""The transport of Server-Sent Events: each `data:` line is a frame as a WebSocket carries it.

https://html.spec.whatwg.org/multipage/server-sent-events.html. Nothing in a frame can end its
line: JSON escapes line breaks.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import Refused
from apps.realtime import handshake, http, listen_request
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.listen_request import ListenRequest
from apps.realtime.server import get_server
from apps.wire.close_codes import CloseCode
from apps.wire.events import Welcome

HEADERS = {"Content-Type": "text/event-stream", **http.LIVE_HEADERS}
# A client that does not read what ends its stream is not waited for.
CLOSE_TIMEOUT_S = 5.0


class StreamTransport:
    """Writes events, and at the end why it is one."""

    __slots__ = ("_send", "ended")

    def __init__(self, send: http.Send) -> None:
        self._send = send
        self.ended = asyncio.Event()

    async def begin(self) -> None:
        """Answer that a stream follows."""
        headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    def write(self, frame: str) -> Awaitable[None]:
        """One event of the default type."""
        return self._body(f"data: {frame}\n\n", more=True)

    async def close(self, code: CloseCode) -> None:
        """An event `close` with the number."""
        self.ended.set()
        await self._body(f"event: close\ndata: {int(code)}\n\n", more=False)

    def _body(self, text: str, *, more: bool) -> Awaitable[None]:
        body = text.encode()
        return self._send({"type": "http.response.body", "body": body, "more_body": more})


async def stream(scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
    """One stream, from its request to its end."""
    gone = None
    try:
        asking = await listen_request.parse(scope, receive)
        gone = asyncio.ensure_future(http.wait_for_disconnect(receive))
        welcomed = await http.unless_disconnected(listen_request.admit(scope, asking), gone)
        await _listen(StreamTransport(send), asking, welcomed=welcomed, gone=gone)
    except http.Disconnected:
        return
    except (Refused, Error, TimeoutError) as error:
        await http.respond_refused(send, refusal_of(error))
    finally:
        if gone is not None:
            gone.cancel()


async def _listen(
    transport: StreamTransport,
    asking: ListenRequest,
    *,
    welcomed: Welcome,
    gone: "asyncio.Future[None]",
) -> None:
    server = get_server()
    await transport.begin()
    if handshake.too_many(welcomed.me.id):  # others came while this one was admitted
        await transport.close(CloseCode.TOO_MANY)
        return
    connection = listen_request.open_connection(transport, server, asking=asking, welcomed=welcomed)
    async with handshake.connected(server, connection):
        await http.unless_disconnected(Dispatcher(server, connection).handle(asking.frame), gone)
        if not connection.resumed:
            connection.outgoing.close(CloseCode.RESTARTING)
        await _first(gone, asyncio.ensure_future(transport.ended.wait()))
        await asyncio.wait([gone], timeout=CLOSE_TIMEOUT_S)


async def _first(*happenings: "asyncio.Future[Any]") -> None:
    await asyncio.wait(happenings, return_when=asyncio.FIRST_COMPLETED)
    for each in happenings[1:]:
        each.cancel()
