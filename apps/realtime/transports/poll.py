"""The transport of long polling: each answer is a frame, and names the next question.

A resume that is more than a frame goes over several questions. A connection lives on between an
answer and the next question, so that nothing falls between them: it is a peer that does not read
just then. Only this process knows it. A question that finds no connection (another process, too
late, an answer that was lost) begins a new one from the cursor that every question carries.
"""

import asyncio
from random import uniform
from secrets import token_urlsafe

from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import RateLimited, Refused, SignedOut, Unavailable
from apps.realtime import handshake, http, listen_request
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.listen_request import ListenRequest
from apps.realtime.outgoing import FRAME_CHARACTERS, EventBatch
from apps.realtime.server import Server, get_server
from apps.wire.close_codes import CloseCode

NEXT_HEADER = "Parley-Next"
# How long a connection waits for the next question.
NEXT_POLL_TIMEOUT_S = 5.0
# In which those that were sent away come back.
RECONNECT_SPREAD_S = 10.0


class PollTransport:
    """Writes into the answer of the question that is there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parts: list[str] = []
        # While true, frames are gathered into an answer until it is as long as a frame may be.
        self.gathering = True
        self.answer: asyncio.Future[str] = loop.create_future()
        self._asked: asyncio.Future[None] | None = None
        self.ended: asyncio.Future[CloseCode] = loop.create_future()

    @property
    def idle(self) -> bool:
        """Whether no question is there."""
        return self._asked is not None

    async def write(self, frame: str) -> None:
        """Answer with all that is gathered and this; done when the next question has come."""
        events = frame[1:-1] if frame.startswith("[") else frame
        if events:
            self._parts.append(events)
        if self.gathering and sum(map(len, self._parts)) < FRAME_CHARACTERS:
            return
        parts, self._parts = self._parts, []
        self._asked = self._loop.create_future()
        if not self.answer.done():
            self.answer.set_result(f"[{','.join(parts)}]")
        await self._asked

    async def close(self, code: CloseCode) -> None:
        """Have the question that is there refused, and the next one find nothing."""
        if not self.ended.done():
            self.ended.set_result(code)

    def ask(self) -> None:
        """The next question is there."""
        self.answer = self._loop.create_future()
        asked, self._asked = self._asked, None
        if asked is not None and not asked.done():
            asked.set_result(None)


class Poll:
    """A connection over several questions."""

    def __init__(self, server: Server, connection: Connection, transport: PollTransport) -> None:
        self.connection = connection
        self.transport = transport
        self.server = server
        self._token = ""
        self._lingering: asyncio.TimerHandle | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._life = server.loop.create_task(self._live())

    async def _live(self) -> None:
        if handshake.too_many(self.connection.person):  # others came while this one was admitted
            self.connection.outgoing.close(CloseCode.TOO_MANY)
            return
        async with handshake.connected(self.server, self.connection):
            await self.transport.ended
        self.take()

    def begin(self, asking: ListenRequest) -> None:
        """Resume, over as many questions as it takes."""
        self._resuming = self.server.loop.create_task(self._resume(asking))

    async def _resume(self, asking: ListenRequest) -> None:
        connection, transport = self.connection, self.transport
        resuming = asyncio.ensure_future(Dispatcher(self.server, connection).handle(asking.frame))
        try:
            await asyncio.wait((resuming, transport.ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            resuming.cancel()
        if transport.ended.done():
            return
        if not connection.resumed:
            self.finish()
            return
        connection.outgoing.flush()
        transport.gathering = False
        if not transport.idle and not (asking.query.after and _up_to_date(connection, asking)):
            connection.outgoing.add(EventBatch([]))
            connection.outgoing.flush()

    def rest(self) -> str:
        """Wait for the next question; what it will name."""
        self._token = token_urlsafe(16)
        polls_by_token[self._token] = self
        self._lingering = self.server.loop.call_later(NEXT_POLL_TIMEOUT_S, self.finish)
        return self._token

    def take(self) -> None:
        """The question has come, or will not come."""
        polls_by_token.pop(self._token, None)
        if self._lingering is not None:
            self._lingering.cancel()

    def finish(self) -> None:
        """It is over."""
        self.connection.outgoing.close(CloseCode.RESTARTING)


# Those that wait for a question, by what it must name.
polls_by_token: dict[str, Poll] = {}


async def poll(scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
    """One question and its answer."""
    gone = None
    try:
        asking = await listen_request.parse(scope, receive)
        gone = asyncio.ensure_future(http.wait_for_disconnect(receive))
        found = await _next(asking) or await _new(scope, asking, gone)
        await _answer(found, gone, send)
    except http.Disconnected:
        return
    except (Refused, Error, TimeoutError) as error:
        await http.respond_refused(send, refusal_of(error))
    finally:
        if gone is not None:
            gone.cancel()


async def _next(asking: ListenRequest) -> Poll | None:
    found = polls_by_token.get(asking.query.after)
    if found is None or found.connection.session_key != asking.key:
        return None
    found.take()
    # Who asks fast is told more at a time.
    await asyncio.sleep(found.connection.polls.take())
    found.server.presence.move(found.connection, away=asking.query.state == "away")
    found.transport.ask()
    return found


async def _new(scope: http.Scope, asking: ListenRequest, gone: "asyncio.Future[None]") -> Poll:
    server = get_server()
    for old in [
        each for each in polls_by_token.values() if each.connection.session_key == asking.key
    ]:
        old.finish()
    welcomed = await http.unless_disconnected(listen_request.admit(scope, asking), gone)
    transport = PollTransport(server.loop)
    connection = listen_request.open_connection(transport, server, asking=asking, welcomed=welcomed)
    new = Poll(server, connection, transport)
    new.begin(asking)
    return new


def _up_to_date(connection: Connection, asking: ListenRequest) -> bool:
    """Whether the question shows all that there is: then it may wait like any other."""
    held = {**asking.resume.chats, connection.person: asking.resume.user}
    return asking.resume.epoch is not None and all(
        feed.cursor == held.get(feed.id) for feed in connection.feeds
    )


async def _answer(found: Poll, gone: "asyncio.Future[None]", send: http.Send) -> None:
    transport = found.transport
    waiting = (transport.answer, transport.ended, gone)
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if transport.ended.done():
        raise _refusal(transport.ended.result())
    if not transport.answer.done():
        found.finish()
        return
    await http.respond(
        send, transport.answer.result(), http.LIVE_HEADERS | {NEXT_HEADER: found.rest()}
    )


def _refusal(code: CloseCode) -> Refused:
    if code == CloseCode.SIGNED_OUT:
        return SignedOut()
    if code == CloseCode.TOO_MANY:
        return RateLimited(retry_after=10)
    if code == CloseCode.RESTARTING:
        # All are told this together. Who listens otherwise spreads as the close code says.
        return Unavailable(retry_after=uniform(1, RECONNECT_SPREAD_S))  # noqa: S311  # nosec B311  no secret
    return Unavailable()
