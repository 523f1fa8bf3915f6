"""Resume: sends a connection everything it missed, in order, before anything new.

Missed events are read in parts of bounded size, each under one snapshot, and each is written as
fast as the peer reads. A part moves the client's cursors exactly as a live event would, so the next
part is read as if the client had resumed from there. Only the last part, which is small, is read
while the hub already holds live events for the connection (`hub.hold`), so no event falls between
its snapshot and the live events. docs/decisions/0020-a-resume-is-read-in-parts.md.
"""

import asyncio
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from apps.core import limits
from apps.core.errors import SignedOut, Unavailable
from apps.realtime.catch_up import catch_up_chat
from apps.realtime.connection import Connection
from apps.realtime.gathered_reads import GatheredReads
from apps.realtime.hub import Hub
from apps.realtime.outgoing import EventBatch, batches
from apps.realtime.resume_reader import Part, ResumeReader
from apps.wire.close_codes import CloseCode
from apps.wire.commands import Resume

# A peer whose chats change faster than it reads must resume again, from where it got to.
MAX_PARTS = 1_000
# Close a peer that does not read one frame within this time.
FRAME_TIMEOUT_S = 60.0
# How long a part may wait for a thread and for PostgreSQL.
READ_TIMEOUT_S = 30.0

Q = TypeVar("Q")
A = TypeVar("A")
_locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()


async def resume(hub: Hub, connection: Connection, command: Resume) -> list[UUID]:
    """Send what `command` shows to be missing, and let the connection listen from there on.

    Returns the person's contacts, whose presence is to be sent next. Raises RateLimited and
    Unavailable.
    """
    limits.check(limits.RESUMES, connection.person)
    reader = ResumeReader(connection.person, connection.session_key, command)
    try:
        await _send_parts(hub, connection, reader)
    except SignedOut:
        # Nothing listened to the person's stream when this was announced.
        hub.ended.close(connection)
    except Exception:
        # A live connection has stopped listening to its feeds, and would not notice.
        if connection.resumed:
            connection.outgoing.close(CloseCode.RESTARTING)
        raise
    return reader.contacts


async def _send_parts(hub: Hub, connection: Connection, reader: ResumeReader) -> None:
    """Send the missed events part by part; with the last part, the connection listens."""
    last = True
    for _ in range(MAX_PARTS):
        if connection.outgoing.closed:
            break
        # The person's stream is held throughout, because it also ends sessions.
        hub.hold(connection, "person", [connection.person])
        chats: dict[UUID, int] = {}
        if last:
            # Hold events first, then read: no event falls between the two.
            chats = await _in_turn(connection.person, hub.heads, connection.person)
            if connection.outgoing.closed:
                break
            hub.hold(connection, "chat", chats)
        part = await _in_turn(connection.person, hub.parts, reader)
        if last and part.complete and part.small:
            await _join_all(hub, connection, part, chats)
            break
        for chat in chats:
            hub.leave(connection, chat)
        await _write(connection, part.encoded)
        last = part.complete
    else:
        connection.close_slow()


async def _in_turn(person: UUID, reads: GatheredReads[Q, A], question: Q) -> A:
    """One read per person at a time. A person's connections are limited, and so is the queue."""
    lock = _locks.setdefault(person, asyncio.Lock())
    try:
        async with asyncio.timeout(READ_TIMEOUT_S), lock:
            return await reads.ask(question)
    except TimeoutError:
        raise Unavailable from None


async def _write(connection: Connection, encoded: list[str]) -> None:
    """Write events frame by frame, each when the peer has taken the one before."""
    try:
        for batch in batches(encoded):
            connection.outgoing.add(batch)
            async with asyncio.timeout(FRAME_TIMEOUT_S):
                await connection.outgoing.drain()
    except TimeoutError:
        connection.close_slow()


async def _join_all(hub: Hub, connection: Connection, part: Part, held: dict[UUID, int]) -> None:
    """Send the last part and let the connection listen to its chats and to the person's stream."""
    if part.encoded:
        connection.outgoing.add(EventBatch(part.encoded))
    for chat in held:
        if chat in part.chats:
            hub.join(connection, chat, part.chats[chat])
        else:
            # The person left between the two reads. The hint that says so may have come before
            # events were held.
            hub.leave(connection, chat)
    hub.join(connection, connection.person, part.user)
    connection.resumed = True
    for chat in part.chats.keys() - held.keys():  # joined between the two reads
        await catch_up_chat(hub, connection, chat, part.chats[chat])
