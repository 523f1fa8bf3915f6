"""Resume: everything a connection missed, in order, before anything new.

What was missed is read in parts of bounded size, each under one snapshot, and each is written as
fast as the peer reads. A part moves the client's cursors exactly as a live event would, so the next
part is read as if the client had resumed from there. Only the last part, which is small, is read
while the connection already stands in line for live events (`hub.begin`): nothing falls between its
snapshot and what the connection then hears. docs/decisions/0020-a-resume-is-read-in-parts.md.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from apps.chats.queries import changes as chat_changes
from apps.chats.queries import lists
from apps.chats.queries.access import get_membership
from apps.core import limits
from apps.core.errors import NotFound, Unavailable
from apps.realtime import change_feed
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.hub import Hub
from apps.realtime.outgoing import EventBatch, batches
from apps.realtime.resume_reader import Part, ResumeReader, told
from apps.wire import events
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode
from apps.wire.commands import Resume

# A peer whose chats change faster than it reads resumes again, from where it came.
MAX_PARTS = 1_000
# A peer that does not read one frame in so long is closed.
FRAME_TIMEOUT_S = 60.0
# How long a part may wait for a thread and for PostgreSQL.
READ_TIMEOUT_S = 30.0

P = ParamSpec("P")
T = TypeVar("T")
_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()


async def resume(hub: Hub, connection: Connection, command: Resume) -> list[UUID]:
    """Send what `command` shows to be missing, and let the connection listen from there on.

    Returns the person's contacts, whose presence is to be told next. Raises RateLimited and
    Unavailable.
    """
    limits.check(limits.RESUMES, connection.person)
    reader = ResumeReader(connection.person, command)
    try:
        await _bring(hub, connection, reader)
    except Exception:
        # A live connection no longer hears what it heard before, and would not notice.
        if connection.resumed:
            connection.outgoing.close(CloseCode.RESTARTING)
        raise
    return reader.contacts


async def _bring(hub: Hub, connection: Connection, reader: ResumeReader) -> None:
    """Send part by part what is missing; with the last one the connection listens."""
    last = True
    for _ in range(MAX_PARTS):
        if connection.outgoing.closed:
            break
        # The person's stream holds what comes throughout: it also ends sessions.
        hub.hold(connection, "person", [connection.person])
        theirs: dict[UUID, int] = {}
        if last:
            # First stand in line for what comes, then read: nothing falls between.
            theirs = await _in_turn(connection.person, lists.heads_of, connection.person)
            if connection.outgoing.closed:
                break
            hub.hold(connection, "chat", theirs)
        part = await _in_turn(connection.person, reader.read)
        if last and part.complete and part.small:
            await _finish(hub, connection, part, theirs)
            break
        for chat in theirs:
            hub.leave(connection, chat)
        await _hand_out(connection, part.encoded)
        last = part.complete
    else:
        connection.too_slow()


async def _in_turn(person: UUID, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """One read of a person's at a time; a person's connections, and so the queue, are bounded."""
    turn = _turns.setdefault(person, asyncio.Lock())
    try:
        async with asyncio.timeout(READ_TIMEOUT_S), turn:
            return await in_database(work, *args, **kwargs)
    except TimeoutError:
        raise Unavailable from None


async def _hand_out(connection: Connection, encoded: list[str]) -> None:
    """Write events frame by frame, each when the peer has taken the one before."""
    try:
        for batch in batches(encoded):
            connection.outgoing.add(batch)
            async with asyncio.timeout(FRAME_TIMEOUT_S):
                await connection.outgoing.drain()
    except TimeoutError:
        connection.too_slow()


async def _finish(hub: Hub, connection: Connection, part: Part, theirs: dict[UUID, int]) -> None:
    if part.encoded:
        connection.outgoing.add(EventBatch(part.encoded))
    for chat in theirs:
        if chat in part.chats:
            hub.join(connection, chat, part.chats[chat])
        else:  # left between the two reads: what says so may have come before they stood in line
            hub.leave(connection, chat)
    hub.join(connection, connection.person, part.user)
    connection.resumed = True
    for chat in part.chats.keys() - theirs.keys():  # joined between the two reads
        await catch_up(hub, connection, chat, part.chats[chat])


async def catch_up(hub: Hub, connection: Connection, chat: UUID, since: int) -> None:
    """Send what one chat brought after `since`, then let the connection listen to it, if it is
    still theirs."""
    if connection.outgoing.closed:
        return
    hub.hold(connection, "chat", [chat])
    held = hub.held(connection, chat)
    try:
        rev, found = await in_database(_of_chat, connection.person, chat, since)
    except NotFound:
        hub.leave(connection, chat)
        return
    if hub.held(connection, chat) is not held:
        return
    for batch in batches([encode(event) for event in found]):
        connection.outgoing.add(batch)
    hub.join(connection, chat, rev)


def _of_chat(user_id: UUID, chat: UUID, since: int) -> tuple[int, list[events.Event]]:
    with change_feed.snapshot():
        rev = get_membership(user_id, chat).chat.rev
        missed = chat_changes.since({chat: since}).get(chat)
        return rev, [] if missed is None else told(user_id, chat, missed)
