"""A long-polled connection: it lives on between a response and the next request.

request  -> PollTransport.accept_request: `write` of the frame before returns
frame    -> PollTransport.write: completes the response, then waits for the next request
response -> PolledConnection.wait_for_next: a token, and a timer that closes the connection
"""

import asyncio
from secrets import token_urlsafe

from apps.core.token_bucket import TokenBucket
from apps.realtime import handshake
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.listen_request import ListenRequest
from apps.realtime.outgoing import FRAME_CHARACTERS, EventBatch
from apps.realtime.server import Server
from apps.wire.close_codes import CloseCode

# How long a connection waits for the next request.
NEXT_REQUEST_TIMEOUT_S = 5.0


class PollTransport:
    """Writes into the response of the current request."""

    name = "poll"

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


def _up_to_date(connection: Connection, request: ListenRequest) -> bool:
    """Whether the request's cursors are at every head: then it waits for an event, like any other
    request."""
    cursors = {**request.resume.chats, connection.person: request.resume.user}
    return request.resume.epoch is not None and all(
        feed.cursor == cursors.get(feed.id) for feed in connection.feeds
    )
