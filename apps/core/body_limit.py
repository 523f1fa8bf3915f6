"""Refuses large request bodies before Django stores them.

Under ASGI, Django writes a whole body into a temporary file before any view or middleware runs, so
that anybody could fill the disk.
"""

from typing import Any, cast

import msgspec
from asgiref.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPDisconnectEvent,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
)

from apps.core import problems
from apps.core.static_files import Application


class BodyLimit:
    """An ASGI application that passes requests with at most `max_bytes` to `application`. Others
    get 413 (a problem document), and their connection is closed."""

    def __init__(self, application: Application, *, max_bytes: int) -> None:
        self._application = application
        self._max_bytes = max_bytes

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Pass the request on, or refuse it."""
        if _declared(scope) > self._max_bytes:
            await _refuse(send)
            return
        body = _CountedBody(receive, send, self._max_bytes)
        await self._application(scope, body.receive, body.send)
        if body.too_large and not body.responded:
            await _refuse(send)


class _CountedBody:
    """Counts a body of unknown length. Once it is too large, the application reads that its client
    has gone, and nothing that it sends afterwards is passed on."""

    def __init__(self, receive: ASGIReceiveCallable, send: ASGISendCallable, most: int) -> None:
        self._receive = receive
        self._send = send
        self._left = most
        self.too_large = False
        self.responded = False

    async def receive(self) -> ASGIReceiveEvent:
        if self.too_large:
            return HTTPDisconnectEvent(type="http.disconnect")
        event = await self._receive()
        if event["type"] == "http.request":
            self._left -= len(event.get("body", b""))
            if self._left < 0:
                self.too_large = True
                return HTTPDisconnectEvent(type="http.disconnect")
        return event

    async def send(self, event: ASGISendEvent) -> None:
        if self.too_large and not self.responded:
            return
        self.responded = True
        await self._send(event)


def _declared(scope: HTTPScope) -> int:
    """The request's Content-Length; 0 if it has none."""
    values = (value for name, value in scope["headers"] if name == b"content-length")
    value = next(values, b"")
    return int(value) if value.isdigit() else 0


async def _refuse(send: ASGISendCallable) -> None:
    problem = problems.problem(
        status=413, code="too_long", detail="This request is too large.", errors=[]
    )
    body = msgspec.json.encode(problem)
    headers: Any = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        # The rest of the body is not read.
        (b"connection", b"close"),
    ]
    start = HTTPResponseStartEvent(
        type="http.response.start", status=413, headers=headers, trailers=False
    )
    await send(start)
    await send(
        cast(Any, HTTPResponseBodyEvent(type="http.response.body", body=body, more_body=False))
    )
