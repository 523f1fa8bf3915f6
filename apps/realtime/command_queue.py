"""Commands that come by POST: each web session has a queue in this process, which executes them one
after another. The dispatcher and its limits are those of a socket."""

import asyncio
from collections import OrderedDict
from uuid import UUID

from apps.accounts.queries.app_sessions import SignedIn
from apps.chats.queries.access import check_in_touch
from apps.core.errors import NotPossible, RateLimited, Unavailable
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.outgoing import Outgoing
from apps.realtime.server import Server
from apps.wire import commands, events
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode, ref_of
from apps.wire.events import Event

# An idle queue is deleted after this time; by then its limits have filled up again.
IDLE_TTL_S = 60.0
# Far beyond the time after which database work is given up.
REPLY_TIMEOUT_S = 60.0


class NullTransport:
    """A no-op transport: replies go into the HTTP response instead."""

    name = "post"

    async def write(self, frame: str) -> None:
        """Do nothing."""

    async def close(self, code: CloseCode) -> None:
        """Do nothing: `CommandQueue.execute` checks whether the connection is closed."""


class PostConnection(Connection):
    """Collects replies for the HTTP response."""

    __slots__ = ("replied", "replies")

    def __init__(
        self,
        server: Server,
        *,
        person: UUID,
        session_key: str,
        scopes: frozenset[str] | None = None,
    ) -> None:
        super().__init__(
            person=person,
            session_key=session_key,
            outgoing=Outgoing(NullTransport(), server.hub.flusher),
            scopes=scopes,
        )
        self.resumed = True
        self.replies: list[str] = []
        self.replied = asyncio.Event()

    def send(self, event: Event) -> None:
        """Add the reply to a command."""
        self.replies.append(encode(event))
        self.replied.set()


class PostDispatcher(Dispatcher):
    """A dispatcher without a live connection: it listens to no feed and shows nobody as online."""

    _awaits_replies = True

    async def _execute(self, command: commands.Command) -> None:
        if isinstance(command, commands.Resume | commands.SetPresence):
            raise NotPossible("Send this with the request that listens.")
        await super()._execute(command)

    async def _check_may_type(self, chat: UUID) -> None:
        await in_database(check_in_touch, self._connection.person, chat)


class CommandQueue:
    """Executes one web session's commands, one POST at a time."""

    def __init__(self, server: Server, connection: PostConnection) -> None:
        self.used_at = server.loop.time()
        self._connection = connection
        self._loop = server.loop
        self._dispatcher = PostDispatcher(server, connection)
        self._lock = asyncio.Lock()

    async def execute(self, frames: list[str]) -> list[str]:
        """Execute commands; returns one encoded reply for each, in the order they became known.

        When a client ignores rate limits, the rest of its batch is refused, with an error for each
        command. Raises RateLimited for batches after that.
        """
        connection = self._connection
        async with self._lock:
            if connection.outgoing.closed:
                raise self._refusal()
            connection.replies = []
            for frame in frames:
                if not connection.outgoing.closed:
                    await self._dispatcher.handle(frame)
                # Not `else`: the command with which the dispatcher closes has no reply either.
                if connection.outgoing.closed:
                    connection.send(self._error(frame))
            if not connection.outgoing.closed:
                self.used_at = self._loop.time()
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                while len(connection.replies) < len(frames):
                    connection.replied.clear()
                    await connection.replied.wait()
            return connection.replies

    def _refusal(self) -> RateLimited:
        return RateLimited(retry_after=max(1, self.used_at + IDLE_TTL_S - self._loop.time()))

    def _error(self, frame: str) -> events.Error:
        refusal = self._refusal()
        return events.Error(
            code="rate_limited",
            detail=refusal.detail,
            ref=ref_of(frame),
            retry_after=refusal.retry_after,
        )


_queues: OrderedDict[str, CommandQueue] = OrderedDict()


def has_queue(session_key: str) -> bool:
    """Whether this session had commands executed here a short while ago."""
    return session_key in _queues


def forget(session_key: str) -> None:
    """Forget the queue of a session that has ended."""
    _queues.pop(session_key, None)


async def execute(
    server: Server, frames: list[str], signed_in: SignedIn, *, session_key: str
) -> list[str]:
    """Execute commands and return the replies. Raises RateLimited and Unavailable."""
    now = server.loop.time()
    while _queues and next(iter(_queues.values())).used_at < now - IDLE_TTL_S:
        _queues.popitem(last=False)
    queue = _queues.get(session_key)
    if queue is None or queue.used_at < now - IDLE_TTL_S:
        connection = PostConnection(
            server, person=signed_in.user.id, session_key=session_key, scopes=signed_in.scopes
        )
        queue = _queues[session_key] = CommandQueue(server, connection)
    _queues.move_to_end(session_key)
    try:
        return await queue.execute(frames)
    except TimeoutError:
        # Replies that come too late must not be taken for those of the next POST.
        _queues.pop(session_key, None)
        raise Unavailable from None
