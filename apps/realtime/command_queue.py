"""Commands that come by POST: each web session has a queue in this process, which executes them one
after another. The dispatcher and its limits are those of a socket."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from uuid import UUID

from apps.accounts.queries.app_sessions import SignedIn
from apps.chats.queries.access import check_in_touch
from apps.core.errors import NotPossible, RateLimited, Refused, Unavailable
from apps.core.wait_budget import WaitBudget
from apps.realtime.connection import Connection
from apps.realtime.database import in_database_within
from apps.realtime.dispatcher import Dispatcher
from apps.realtime.outgoing import Outgoing
from apps.realtime.server import Server
from apps.wire import commands, events
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode, ref_of
from apps.wire.events import Event

P = ParamSpec("P")
R = TypeVar("R")

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
    """A dispatcher without a live connection: it listens to no feed and shows nobody as online.
    `budget` is that of the POST whose commands it executes."""

    budget: WaitBudget
    _awaits_replies = True

    async def _execute(self, command: commands.Command) -> None:
        if isinstance(command, commands.Resume | commands.SetPresence):
            raise NotPossible("Send this with the request that listens.")
        await super()._execute(command)

    async def _check_may_type(self, chat: UUID) -> None:
        await self._in_database(check_in_touch, self._connection.person, chat)

    async def _in_database(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await in_database_within(self.budget, work, *args, **kwargs)


class CommandQueue:
    """Executes one web session's commands, one POST at a time."""

    def __init__(self, server: Server, connection: PostConnection) -> None:
        self.used_at = server.loop.time()
        self._connection = connection
        self._loop = server.loop
        self._dispatcher = PostDispatcher(server, connection)
        self._lock = asyncio.Lock()

    async def execute(self, frames: list[str], budget: WaitBudget) -> list[str]:
        """Execute commands; returns one encoded reply for each, in the order they became known.

        When a client ignores rate limits, the rest of its batch is refused, with an error for each
        command; so is what cannot be begun within `budget`, as unavailable. Raises RateLimited for
        batches of such a client after that, and Unavailable when an earlier POST takes too long.
        """
        connection = self._connection
        await self._take_turn(budget)
        try:
            if connection.outgoing.closed:
                raise self._refusal()
            connection.replies = []
            self._dispatcher.budget = budget
            for frame in frames:
                await self._execute(frame, budget)
            if not connection.outgoing.closed:
                self.used_at = self._loop.time()
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                while len(connection.replies) < len(frames):
                    connection.replied.clear()
                    await connection.replied.wait()
            return connection.replies
        finally:
            self._lock.release()

    async def _take_turn(self, budget: WaitBudget) -> None:
        began = self._loop.time()
        try:
            async with asyncio.timeout(budget.left_s):
                await self._lock.acquire()
        except TimeoutError:
            raise Unavailable(retry_after=1) from None
        budget.spend(self._loop.time() - began)

    async def _execute(self, frame: str, budget: WaitBudget) -> None:
        connection = self._connection
        if not connection.outgoing.closed:
            if not budget.left_s:
                connection.send(self._error(frame, Unavailable(retry_after=1)))
                return
            await self._dispatcher.handle(frame)
        # Not `else`: the command with which the dispatcher closes has no reply either.
        if connection.outgoing.closed:
            connection.send(self._error(frame, self._refusal()))

    def _refusal(self) -> RateLimited:
        return RateLimited(retry_after=max(1, self.used_at + IDLE_TTL_S - self._loop.time()))

    @staticmethod
    def _error(frame: str, refusal: Refused) -> events.Error:
        return events.Error(
            code=refusal.code,  # type: ignore[arg-type]  # every code of core.errors is an ErrorCode
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
    server: Server,
    frames: list[str],
    signed_in: SignedIn,
    *,
    session_key: str,
    budget: WaitBudget,
) -> list[str]:
    """Execute commands and return the replies, in the time of `budget`. Raises RateLimited and
    Unavailable."""
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
        return await queue.execute(frames, budget)
    except TimeoutError:
        # Replies that come too late must not be taken for those of the next POST.
        _queues.pop(session_key, None)
        raise Unavailable from None
