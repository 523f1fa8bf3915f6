"""Commands that come by POST: each web session has a queue in this process, where they are carried
out one after another by the same dispatcher as those of a socket, within the same limits."""

import asyncio
from collections import OrderedDict
from uuid import UUID

from apps.chats.queries.access import check_in_touch
from apps.core.errors import NotPossible, RateLimited, Unavailable
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.outgoing import Outgoing
from apps.realtime.server import Server
from apps.wire import commands
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode
from apps.wire.events import Event

# A queue nobody came to for so long is cleared; by then its limits have filled up again.
IDLE_TTL_S = 60.0
# Far beyond what the database takes before it is given up.
REPLY_TIMEOUT_S = 60.0


class NullTransport:
    """The line of whoever is answered otherwise."""

    async def write(self, frame: str) -> None:
        """Nothing is written."""

    async def close(self, code: CloseCode) -> None:
        """Nothing ends: see `CommandQueue.execute`."""


class PostConnection(Connection):
    """A person who is answered in the answer to their POST."""

    __slots__ = ("answers", "more")

    def __init__(self, server: Server, *, person: UUID, session_key: str) -> None:
        super().__init__(
            person=person,
            session_key=session_key,
            outgoing=Outgoing(NullTransport(), server.hub.flusher),
        )
        self.resumed = True
        self.answers: list[str] = []
        self.more = asyncio.Event()

    def send(self, event: Event) -> None:
        """Keep the answer to a command."""
        self.answers.append(encode(event))
        self.more.set()


class PostDispatcher(Dispatcher):
    """Dispatcher without a connection: nothing is listened to, nobody is there."""

    async def _other(self, command: commands.Command) -> None:
        if isinstance(command, commands.Resume | commands.SetPresence):
            raise NotPossible("This is said with the request that listens.")
        await super()._other(command)

    async def _check_may_type(self, chat: UUID) -> None:
        await in_database(check_in_touch, self._connection.person, chat)


class CommandQueue:
    """Where one web session's commands are carried out, one POST at a time."""

    def __init__(self, server: Server, connection: PostConnection) -> None:
        self.connection = connection
        self.used_at = server.loop.time()
        self._loop = server.loop
        self._dispatcher = PostDispatcher(server, connection)
        self._turn = asyncio.Lock()

    async def execute(self, frames: list[str]) -> list[str]:
        """The encoded answers, one a command, in the order in which they were known.

        Raises RateLimited for whoever goes on and on after being told to wait.
        """
        async with self._turn:
            self.connection.answers = []
            for frame in frames:
                self._check_open()
                await self._dispatcher.handle(frame)
            self._check_open()
            self.used_at = self._loop.time()
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                while len(self.connection.answers) < len(frames):
                    self.connection.more.clear()
                    await self.connection.more.wait()
            return self.connection.answers

    def _check_open(self) -> None:
        if self.connection.outgoing.closed:
            raise RateLimited(retry_after=max(1, self.used_at + IDLE_TTL_S - self._loop.time()))


_queues: OrderedDict[str, CommandQueue] = OrderedDict()


def has_queue(session_key: str) -> bool:
    """Whether this session had commands carried out here a short while ago."""
    return session_key in _queues


async def execute(
    server: Server, frames: list[str], *, person: UUID, session_key: str
) -> list[str]:
    """Carry out commands of a person, and answer each. Raises RateLimited and Unavailable."""
    now = server.loop.time()
    while _queues and next(iter(_queues.values())).used_at < now - IDLE_TTL_S:
        _queues.popitem(last=False)
    queue = _queues.get(session_key)
    if queue is None or queue.used_at < now - IDLE_TTL_S:
        connection = PostConnection(server, person=person, session_key=session_key)
        queue = _queues[session_key] = CommandQueue(server, connection)
    _queues.move_to_end(session_key)
    try:
        return await queue.execute(frames)
    except TimeoutError:
        # What is answered too late must not be taken for the next answer.
        _queues.pop(session_key, None)
        raise Unavailable from None
