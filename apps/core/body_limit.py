"""Refuses large and slow request bodies before Django stores them.

Under ASGI, Django stores a whole body before any view or middleware runs, in memory or in a
temporary file, so that anybody could fill both.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from asgiref.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPDisconnectEvent,
    HTTPRequestEvent,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
)

from apps.core import problems
from apps.core.static_files import Application

# A body of 8 MB over a line of 1 Mbit/s takes 70 s.
BODY_TIMEOUT_S = 180.0
# Without a byte for so long, the client is gone.
STALL_TIMEOUT_S = 30.0
# Of the body of a refused request so much is read and dropped. A connection that is closed while
# its client, or a proxy, still sends is reset, and the response may be lost (RFC 9112, 9.6).
MAX_DROPPED_BYTES = 16 * 1024 * 1024
DROP_TIMEOUT_S = 10.0
REFUSALS = {
    408: ("unavailable", "This request arrived too slowly. Try again."),
    413: ("too_long", "This request is too large."),
}


class BodyLimit:
    """An ASGI application that passes requests to `application` whose bodies have at most as many
    bytes as `max_bytes` says of their path. Others get 413, and those that arrive too slowly 408
    (problem documents). More of a refused body is read and dropped, up to a limit; then the
    connection is closed. With 0 bytes the application is asked at once,
    with an empty body, and what arrives is dropped."""

    def __init__(self, application: Application, *, max_bytes: Callable[[str], int]) -> None:
        self._application = application
        self._max_bytes = max_bytes

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Pass the request on, or refuse it."""
        most = self._max_bytes(scope["path"])
        if not most:
            await self._application(scope, _without_body(receive), send)
            return
        if _declared(scope) > most:
            await _refuse(send, 413, rest=None if _waits(scope) else receive)
            return
        body = _CountedBody(receive, send, most)
        await self._application(scope, body.receive, body.send)
        if body.refused and not body.responded:
            await _refuse(send, body.refused, rest=None if body.complete else receive)


class _CountedBody:
    """Counts a body, and its time. Once it is `refused` (with an HTTP status), the application
    reads that its client has gone, and nothing that it sends afterwards is passed on. `complete`:
    nothing of the body is left to read."""

    def __init__(self, receive: ASGIReceiveCallable, send: ASGISendCallable, most: int) -> None:
        self._receive = receive
        self._send = send
        self._left = most
        self._until = asyncio.get_running_loop().time() + BODY_TIMEOUT_S
        self.complete = False
        self.refused = 0
        self.responded = False

    async def receive(self) -> ASGIReceiveEvent:
        if self.refused:
            return HTTPDisconnectEvent(type="http.disconnect")
        if self.complete:
            # Only waits for the client to go away.
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._next_timeout()):
                event = await self._receive()
        except TimeoutError:
            self.refused = 408
            return HTTPDisconnectEvent(type="http.disconnect")
        if event["type"] == "http.request":
            self.complete = not event.get("more_body")
            self._left -= len(event.get("body", b""))
            if self._left < 0:
                self.refused = 413
                return HTTPDisconnectEvent(type="http.disconnect")
        return event

    def _next_timeout(self) -> float:
        return min(self._until, asyncio.get_running_loop().time() + STALL_TIMEOUT_S)

    async def send(self, event: ASGISendEvent) -> None:
        if self.refused and not self.responded:
            return
        self.responded = True
        await self._send(event)


def _without_body(receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    """Receives an empty body, and then only that the client has gone."""
    begun = False

    async def receive_nothing() -> ASGIReceiveEvent:
        nonlocal begun
        if not begun:
            begun = True
            return HTTPRequestEvent(type="http.request", body=b"", more_body=False)
        while (event := await receive())["type"] == "http.request":
            pass
        return event

    return receive_nothing


def _declared(scope: HTTPScope) -> int:
    """The request's Content-Length; 0 if it has none."""
    values = (value for name, value in scope["headers"] if name == b"content-length")
    value = next(values, b"")
    return int(value) if value.isdigit() else 0


def _waits(scope: HTTPScope) -> bool:
    """Whether the client sends no body before it is told to (RFC 9110, 10.1.1)."""
    return dict(scope["headers"]).get(b"expect", b"").lower() == b"100-continue"


async def _refuse(send: ASGISendCallable, status: int, *, rest: ASGIReceiveCallable | None) -> None:
    """Send the response at once, and end it once the rest of the body has been dropped: the server
    closes the connection then."""
    code, detail = REFUSALS[status]
    problem = problems.problem(status=status, code=code, detail=detail, errors=[])
    body = msgspec.json.encode(problem)
    headers: Any = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    start = HTTPResponseStartEvent(
        type="http.response.start", status=status, headers=headers, trailers=False
    )
    await send(start)
    await send(_part(body, more=True))
    if rest is not None and status != 408:
        await _drop(rest)
    await send(_part(b"", more=False))


async def _drop(receive: ASGIReceiveCallable) -> None:
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DROP_TIMEOUT_S):
            while dropped <= MAX_DROPPED_BYTES:
                event = await receive()
                if event["type"] != "http.request" or not event.get("more_body"):
                    return
                dropped += len(event.get("body", b""))


def _part(body: bytes, *, more: bool) -> Any:
    return HTTPResponseBodyEvent(type="http.response.body", body=body, more_body=more)
