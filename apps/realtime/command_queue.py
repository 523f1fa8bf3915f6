"""Commands that come by POST: each web session has a desk in this process, where they are carried
out one after another by the same dispatch as those of a socket, within the same limits."""

import asyncio
from collections import OrderedDict
from uuid import UUID

from apps.chats.queries.access import check_in_touch
from apps.core.errors import NotPossible, RateLimited, Unavailable
from apps.realtime.connection import Session
from apps.realtime.database import in_database
from apps.realtime.dispatcher import Dispatch
from apps.realtime.outgoing import Outgoing
from apps.realtime.server import Server
from apps.wire import commands
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode
from apps.wire.events import Event

# A desk nobody came to for so long is cleared; by then its limits have filled up again.
KEPT = 60.0
# Far beyond what the database takes before it is given up.
ANSWERED_WITHIN = 60.0


class Nowhere:
    """The line of whoever is answered otherwise."""

    async def write(self, frame: str) -> None:
        """Nothing is written."""

    async def end(self, code: CloseCode) -> None:
        """Nothing ends: see `Desk.carry_out`."""


class Asker(Session):
    """A person who is answered in the answer to their POST."""

    __slots__ = ("answers", "more")

    def __init__(self, running: Server, *, person: UUID, session_key: str) -> None:
        super().__init__(
            person=person,
            session_key=session_key,
            outgoing=Outgoing(Nowhere(), running.hub.round),
        )
        self.resumed = True
        self.answers: list[str] = []
        self.more = asyncio.Event()

    def send(self, event: Event) -> None:
        """Keep the answer to a command."""
        self.answers.append(encode(event))
        self.more.set()


class Posted(Dispatch):
    """Dispatch without a connection: nothing is listened to, nobody is there."""

    async def _other(self, command: commands.Command) -> None:
        if isinstance(command, commands.Resume | commands.SetPresence):
            raise NotPossible("This is said with the request that listens.")
        await super()._other(command)

    async def _check_may_type(self, chat: UUID) -> None:
        await in_database(check_in_touch, self._session.person, chat)


class Desk:
    """Where one web session's commands are carried out, one POST at a time."""

    def __init__(self, running: Server, asker: Asker) -> None:
        self.asker = asker
        self.used_at = running.loop.time()
        self._loop = running.loop
        self._dispatch = Posted(running, asker)
        self._turn = asyncio.Lock()

    async def carry_out(self, frames: list[str]) -> list[str]:
        """The encoded answers, one a command, in the order in which they were known.

        Raises RateLimited for whoever goes on and on after being told to wait.
        """
        async with self._turn:
            self.asker.answers = []
            for frame in frames:
                self._check_open()
                await self._dispatch.handle(frame)
            self._check_open()
            self.used_at = self._loop.time()
            async with asyncio.timeout(ANSWERED_WITHIN):
                while len(self.asker.answers) < len(frames):
                    self.asker.more.clear()
                    await self.asker.more.wait()
            return self.asker.answers

    def _check_open(self) -> None:
        if self.asker.outgoing.closed:
            raise RateLimited(retry_after=max(1, self.used_at + KEPT - self._loop.time()))


_desks: OrderedDict[str, Desk] = OrderedDict()


def knows(session_key: str) -> bool:
    """Whether this session had commands carried out here a short while ago."""
    return session_key in _desks


async def carry_out(
    running: Server, frames: list[str], *, person: UUID, session_key: str
) -> list[str]:
    """Carry out commands of a person, and answer each. Raises RateLimited and Unavailable."""
    now = running.loop.time()
    while _desks and next(iter(_desks.values())).used_at < now - KEPT:
        _desks.popitem(last=False)
    desk = _desks.get(session_key)
    if desk is None or desk.used_at < now - KEPT:
        asker = Asker(running, person=person, session_key=session_key)
        desk = _desks[session_key] = Desk(running, asker)
    _desks.move_to_end(session_key)
    try:
        return await desk.carry_out(frames)
    except TimeoutError:
        # What is answered too late must not be taken for the next answer.
        _desks.pop(session_key, None)
        raise Unavailable from None
