"""The long-polling transport: each response carries one frame, and a `Parley-Next` token for the
next request.

A resume that exceeds a frame takes several requests. A connection lives on between a response and
the next request, so that no event falls between them: until then it is a peer that does not read.
Only this process knows it. A request whose token finds no connection (it reached another process,
came too late, or the response was lost) opens a new one from the cursors that every request
carries.

    request  -> PollTransport.accept_request: `write` of the frame before returns
    frame    -> PollTransport.write: completes the response, then waits for the next request
    response -> PolledConnection.wait_for_next: a token, and a timer that closes the connection
"""

import asyncio
from random import uniform
from secrets import token_urlsafe

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import RateLimited, Refused, SignedOut, Unavailable
from apps.core.token_bucket import TokenBucket
from apps.realtime import handshake, http, listen_request
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.listen_request import ListenRequest
from apps.realtime.outgoing import FRAME_CHARACTERS, EventBatch
from apps.realtime.server import Server, get_server
from apps.wire.close_codes import CloseCode

NEXT_HEADER = "Parley-Next"
# How long a connection waits for the next request.
NEXT_REQUEST_TIMEOUT_S = 5.0
# Clients of a process that ends come back spread over this time.
RECONNECT_SPREAD_S = 10.0


class PollTransport:
    """Writes into the response of the current request."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parts: list[str] = []
        # While true, frames are gathered into one response until it is as long as a frame may be.
        self.gathering = True
        self.response: asyncio.Future[str] = loop.create_future()
        # Exists while a response is out and the next request has not come.
        self._next_request: asyncio.Future[None] | None = None
        self.closed: asyncio.Future[CloseCode] = loop.create_future()

    @property
    def idle(self) -> bool:
        """Whether it waits for the next request."""
        return self._next_request is not None

    async def write(self, frame: str) -> None:
        """Respond with the gathered frames and this one; return when the next request comes."""
        events = frame[1:-1] if frame.startswith("[") else frame
        if events:
            self._parts.append(events)
        if self.gathering and sum(map(len, self._parts)) < FRAME_CHARACTERS:
            return
        parts, self._parts = self._parts, []
        self._next_request = self._loop.create_future()
        if not self.response.done():
            self.response.set_result(f"[{','.join(parts)}]")
        await self._next_request

    async def close(self, code: CloseCode) -> None:
        """Have the current request refused; the next one will find no connection."""
        if not self.closed.done():
            self.closed.set_result(code)

    def accept_request(self) -> None:
        """Write into a new response from now on."""
        self.response = self._loop.create_future()
        next_request, self._next_request = self._next_request, None
        if next_request is not None and not next_request.done():
            next_request.set_result(None)


class PolledConnection:
    """A connection that spans several requests."""

    def __init__(self, server: Server, connection: Connection, transport: PollTransport) -> None:
        self.connection = connection
        self.transport = transport
        self.server = server
        # How often this connection may poll. Limits of its person are in core.limits.
        self.rate = TokenBucket(rate=10, size=60)
        self._token = ""
        self._timeout: asyncio.TimerHandle | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._living = server.loop.create_task(self._live())

    async def _live(self) -> None:
        if handshake.too_many(self.connection.person):  # others came while this one was admitted
            self.connection.outgoing.close(CloseCode.TOO_MANY)
            return
        async with handshake.connected(self.server, self.connection):
            await self.transport.closed
        self.claim()

    def start_resume(self, request: ListenRequest) -> None:
        """Resume, over as many requests as it takes."""
        self._resuming = self.server.loop.create_task(self._resume(request))

    async def _resume(self, request: ListenRequest) -> None:
        connection, transport = self.connection, self.transport
        dispatcher = Dispatcher(self.server, connection)
        resuming = asyncio.ensure_future(dispatcher.handle(request.frame))
        try:
            await asyncio.wait((resuming, transport.closed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            resuming.cancel()
        if transport.closed.done():
            return
        if not connection.resumed:
            self.close()
            return
        connection.outgoing.flush()
        transport.gathering = False
        if not transport.idle and not (request.query.after and _up_to_date(connection, request)):
            connection.outgoing.add(EventBatch([]))
            connection.outgoing.flush()

    def wait_for_next(self) -> str:
        """Wait for the next request; returns the token by which it finds this connection."""
        self._token = token_urlsafe(16)
        waiting[self._token] = self
        self._timeout = self.server.loop.call_later(NEXT_REQUEST_TIMEOUT_S, self.close)
        return self._token

    def claim(self) -> None:
        """Stop waiting: the next request has come, or none will."""
        waiting.pop(self._token, None)
        if self._timeout is not None:
            self._timeout.cancel()

    def close(self) -> None:
        """Close the connection."""
        self.connection.outgoing.close(CloseCode.RESTARTING)


# Connections that wait for their next request, by its token.
waiting: dict[str, PolledConnection] = {}


async def poll(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One request and its response (an ASGI application)."""
    disconnected = None
    try:
        request = await listen_request.parse(scope, receive)
        disconnected = asyncio.ensure_future(http.wait_for_disconnect(receive))
        found = await _find(request) or await _open(scope, request, disconnected)
        await _respond(found, disconnected, send)
    except http.Disconnected:
        return
    except (Refused, Error, TimeoutError) as error:
        await http.respond_refused(send, refusal_of(error))
    finally:
        if disconnected is not None:
            disconnected.cancel()


async def _find(request: ListenRequest) -> PolledConnection | None:
    found = waiting.get(request.query.after)
    if found is None or found.connection.session_key != request.session_key:
        return None
    found.claim()
    # Clients that poll too fast get more events per response.
    await asyncio.sleep(found.rate.acquire())
    away = request.query.state == "away"
    found.server.presence.connected.set_away(found.connection, away=away)
    found.transport.accept_request()
    return found


async def _open(
    scope: HTTPScope, request: ListenRequest, disconnected: "asyncio.Future[None]"
) -> PolledConnection:
    server = get_server()
    key = request.session_key
    for old in [each for each in waiting.values() if each.connection.session_key == key]:
        old.close()
    admitting = listen_request.admit(scope, request)
    welcomed = await http.unless_disconnected(admitting, disconnected)
    transport = PollTransport(server.loop)
    connection = listen_request.open_connection(
        transport, server, request=request, welcomed=welcomed
    )
    opened = PolledConnection(server, connection, transport)
    opened.start_resume(request)
    return opened


def _up_to_date(connection: Connection, request: ListenRequest) -> bool:
    """Whether the request's cursors are at every head: then it waits for an event, like any other
    request."""
    cursors = {**request.resume.chats, connection.person: request.resume.user}
    return request.resume.epoch is not None and all(
        feed.cursor == cursors.get(feed.id) for feed in connection.feeds
    )


async def _respond(
    found: PolledConnection, disconnected: "asyncio.Future[None]", send: ASGISendCallable
) -> None:
    transport = found.transport
    outcomes = (transport.response, transport.closed, disconnected)
    await asyncio.wait(outcomes, return_when=asyncio.FIRST_COMPLETED)
    if transport.closed.done():
        raise _refusal(transport.closed.result())
    if not transport.response.done():
        found.close()
        return
    headers = http.LIVE_HEADERS | {NEXT_HEADER: found.wait_for_next()}
    await http.respond(send, transport.response.result(), headers)


def _refusal(code: CloseCode) -> Refused:
    if code == CloseCode.SIGNED_OUT:
        return SignedOut()
    if code == CloseCode.TOO_MANY:
        return RateLimited(retry_after=10)
    if code == CloseCode.RESTARTING:
        # All polls get this at the same moment; clients of the other transports spread by
        # themselves, as the close code says.
        wait = uniform(1, RECONNECT_SPREAD_S)  # noqa: S311  # nosec B311  no secret
        return Unavailable(retry_after=wait)
    return Unavailable()
