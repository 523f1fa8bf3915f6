"""Resume: sends a connection everything it missed, in order, before anything new.

Missed events are read in parts of bounded size, each under one snapshot, and each is written as
fast as the peer reads. A part moves the client's cursors exactly as a live event would, so the next
part is read as if the client had resumed from there. No event may fall between the snapshot of the
last part, which is small, and the live events. Mostly, no chat has changed since. Otherwise one
more part is read while the hub holds live events for the connection (`hub.hold`). The last part may
be larger where chats change so much while each is read that no part is small.
docs/decisions/0020-a-resume-is-read-in-parts.md, 0072-what-was-missed-is-read-together.md.
"""

import asyncio
from collections.abc import Collection
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from apps.core import limits
from apps.core.errors import SignedOut, Unavailable
from apps.core.metrics import RESUME_EVENTS
from apps.realtime.connection import Connection
from apps.realtime.gathered_reads import GatheredReads
from apps.realtime.hub import Hub
from apps.realtime.outgoing import FRAME_CHARACTERS, MAX_BUFFERED_CHARACTERS, batches
from apps.realtime.resume_reader import Part, ResumeReader
from apps.wire.close_codes import CloseCode
from apps.wire.commands import Resume

# A peer whose chats change faster than it reads must resume again, from where it got to.
MAX_PARTS = 1_000
# The last part has one frame at first, and at most this. Live events wait behind it in the buffer.
MAX_LAST_CHARACTERS = MAX_BUFFERED_CHARACTERS // 2
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
    # The chats whose events are held while a part is read: those that a live connection has.
    held = {feed.id for feed in connection.feeds if feed.stream == "chat"}
    sent, last = 0, FRAME_CHARACTERS
    for _ in range(MAX_PARTS):
        if connection.outgoing.closed:
            break
        # The person's stream is held throughout, because it also ends sessions.
        hub.hold(connection, "person", [connection.person])
        hub.hold(connection, "chat", held)
        part = await _in_turn(connection.person, hub.parts, reader)
        sent += len(part.encoded)
        if part.complete and part.fits(last) and hub.has_all(connection, part.chats, held):
            _join_all(hub, connection, part, held)
            break
        for chat in held:
            hub.leave(connection, chat)
        await _write(connection, part.encoded)
        held = set()
        if part.complete:
            held, last = set(part.chats), min(2 * last, MAX_LAST_CHARACTERS)
    else:
        connection.close_slow()
    RESUME_EVENTS.observe(sent)


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


def _join_all(hub: Hub, connection: Connection, part: Part, held: Collection[UUID]) -> None:
    """Send the last part and let the connection listen to its chats and to the person's stream."""
    for batch in batches(part.encoded):
        connection.outgoing.add(batch)
    for chat in held:
        if chat not in part.chats:
            # The person has left. The hint that says so may have come before events were held.
            hub.leave(connection, chat)
        else:
            hub.join(connection, chat, part.chats[chat])
    hub.join_unheld(connection, {c: rev for c, rev in part.chats.items() if c not in held})
    hub.join(connection, connection.person, part.user)
    connection.resumed = True
