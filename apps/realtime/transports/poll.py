"""The transport of long polling: each answer is a frame, and names the next question.

A connection lives on between an answer and the next question, so that nothing falls between them:
it is a peer that does not read just then. Only this process knows it. A question that finds no
connection (another process, too late, an answer that was lost) begins a new one from the cursor
that every question carries.
"""

import asyncio
from secrets import token_urlsafe

from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import Refused, SignedOut, Unavailable
from apps.realtime import connecting, http, listening
from apps.realtime.dispatch import Dispatch
from apps.realtime.listening import Asked
from apps.realtime.outgoing import Burst
from apps.realtime.server import Server, server
from apps.realtime.session import Session
from apps.wire.closing import CloseCode

NEXT = "Parley-Next"
# How long a connection waits for the next question.
LINGERS = 5.0


class Answers:
    """Writes into the answer of the question that is there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parts: list[str] = []
        # While true, what is written is kept for a later answer.
        self.gathering = True
        self.answer: asyncio.Future[str] = loop.create_future()
        self._asked: asyncio.Future[None] | None = None
        self.ended: asyncio.Future[CloseCode] = loop.create_future()

    @property
    def idle(self) -> bool:
        """Whether no question is there."""
        return self._asked is not None

    async def write(self, frame: str) -> None:
        """Answer with all that is kept and this; done when the next question has come."""
        events = frame[1:-1] if frame.startswith("[") else frame
        if events:
            self._parts.append(events)
        if self.gathering:
            return
        parts, self._parts = self._parts, []
        self._asked = self._loop.create_future()
        if not self.answer.done():
            self.answer.set_result(f"[{','.join(parts)}]")
        await self._asked

    async def end(self, code: CloseCode) -> None:
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

    def __init__(self, running: Server, session: Session, line: Answers) -> None:
        self.session = session
        self.line = line
        self.running = running
        self._token = ""
        self._lingering: asyncio.TimerHandle | None = None
        self._life = running.loop.create_task(self._live())

    async def _live(self) -> None:
        async with connecting.connected(self.running, self.session):
            await self.line.ended
        self.take()

    def rest(self) -> str:
        """Wait for the next question; what it will name."""
        self._token = token_urlsafe(16)
        polls[self._token] = self
        self._lingering = self.running.loop.call_later(LINGERS, self.finish)
        return self._token

    def take(self) -> None:
        """The question has come, or will not come."""
        polls.pop(self._token, None)
        if self._lingering is not None:
            self._lingering.cancel()

    def finish(self) -> None:
        """It is over."""
        self.session.outgoing.close(CloseCode.RESTARTING)


# Those that wait for a question, by what it must name.
polls: dict[str, Poll] = {}


async def poll(scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
    """One question and its answer."""
    try:
        asking = await listening.asked(scope, receive)
        found = await _next(asking) or await _new(server(), asking)
        await _answer(found, receive, send)
    except http.Gone:
        return
    except (Refused, Error) as error:
        await http.refuse(send, refusal_of(error))


async def _next(asking: Asked) -> Poll | None:
    found = polls.get(asking.query.after)
    if found is None or found.session.session_key != asking.key:
        return None
    found.take()
    # Who asks fast is told more at a time.
    await asyncio.sleep(found.session.polls.take())
    found.running.presence.move(found.session, away=asking.query.state == "away")
    found.line.ask()
    return found


async def _new(running: Server, asking: Asked) -> Poll:
    for old in [each for each in polls.values() if each.session.session_key == asking.key]:
        old.finish()
    welcomed = await listening.admit(running, asking)
    line = Answers(running.loop)
    session = listening.session_on(line, running, asking=asking, welcomed=welcomed)
    new = Poll(running, session, line)
    await Dispatch(running, session).handle(asking.frame)
    outgoing = session.outgoing
    outgoing.flush()
    if not session.resumed:
        new.finish()
        raise Unavailable
    line.gathering = False
    if not asking.query.after or not _up_to_date(session, asking):
        outgoing.add(Burst([]))
        outgoing.flush()
    return new


def _up_to_date(session: Session, asking: Asked) -> bool:
    """Whether the question shows all that there is: then it may wait like any other."""
    held = {**asking.resume.chats, session.person: asking.resume.user}
    return asking.resume.epoch is not None and all(
        feed.cursor == held.get(feed.id) for feed in session.feeds
    )


async def _answer(found: Poll, receive: http.Receive, send: http.Send) -> None:
    line = found.line
    gone = asyncio.ensure_future(http.until_gone(receive))
    waiting = (line.answer, line.ended, gone)
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if line.ended.done():
        raise SignedOut if line.ended.result() == CloseCode.SIGNED_OUT else Unavailable
    if not line.answer.done():
        found.finish()
        return
    await http.answer(send, line.answer.result(), http.LIVE | {NEXT: found.rest()})
