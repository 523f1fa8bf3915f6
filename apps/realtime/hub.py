"""The hub: the one place in a process that knows who listens to what.

For every stream with a local listener it keeps a cursor. An event that follows the cursor is
written to all listeners at once; one that does not shows that a hint was lost, and the change
feed is read from PostgreSQL instead. All methods belong to the event loop's thread.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from apps.realtime.connection import Connection
from apps.realtime.envelope import Envelope
from apps.realtime.feed import Feed, HeldItem
from apps.realtime.outgoing import Flusher
from apps.realtime.subscriptions import Subscriptions
from apps.wire.close_codes import CloseCode
from apps.wire.publish import (
    AnyEffect,
    EndListening,
    EndSessions,
    JoinChat,
    LeaveChat,
    Stream,
    Watch,
)

logger = logging.getLogger(__name__)


class Missing(NamedTuple):
    """A connection that must read a stream after `since` before it listens."""

    connection: Connection
    stream: Stream
    id: UUID
    since: int


class Hub:
    """Feeds by stream id (ids of chats and people never meet: both are UUIDv7)."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.flusher = Flusher(loop)
        # The line of history that all cursors here belong to; None before the first check.
        self.epoch: UUID | None = None
        self.feeds: dict[UUID, Feed] = {}
        self.connections: set[Connection] = set()
        # Streams whose cursor is known to be behind; the healer reads them.
        self.behind: set[Feed] = set()
        self.something_behind = asyncio.Event()
        self.subscriptions = Subscriptions(self.feeds.__contains__)
        # What others wait for: presence to look up, and connections that must be caught up on one
        # stream.
        self.watching: asyncio.Queue[tuple[Connection, UUID, bool]] = asyncio.Queue()
        self.missing: asyncio.Queue[Missing] = asyncio.Queue()

    # -- who listens --------------------------------------------------------------------------

    def open_feed(self, stream: Stream, id_: UUID) -> Feed:
        """The feed of a stream, opened when it is new here."""
        feed = self.feeds.get(id_)
        if feed is None:
            feed = self.feeds[id_] = Feed(stream, id_)
            self.subscriptions.mark(stream, id_)
        return feed

    def hold(self, connection: Connection, stream: Stream, ids: Iterable[UUID]) -> None:
        """Hold the events of these streams for `connection` while it reads what it missed.

        A connection that has ended begins nothing: nobody would take it out of a feed again.
        """
        if connection.outgoing.closed:
            return
        for id_ in ids:
            feed = self.open_feed(stream, id_)
            connection.feeds.add(feed)
            feed.hold(connection)

    def join(self, connection: Connection, id_: UUID, rev: int) -> None:
        """`connection` has read the stream up to `rev`: let it listen, or catch it up first."""
        feed = self.feeds.get(id_)
        if feed is None or feed not in connection.feeds:
            return
        joined = feed.join(connection, rev, self.loop.time())
        if joined is None:
            self.missing.put_nowait(Missing(connection, feed.stream, id_, rev))
            return
        if (feed.cursor or 0) < rev or feed in self.behind:
            self.mark_behind(feed)
        for effect in joined:
            # Some time has passed: what happened in the chat since then was held for nobody.
            self._read_in(connection, effect.chat, effect.rev)

    def held(self, connection: Connection, id_: UUID) -> list[HeldItem] | None:
        """What is held of the stream for `connection` since `hold`; None when it does not read.

        Another list than before a read means that the read is out of date: another one has begun.
        """
        feed = self.feeds.get(id_)
        return None if feed is None else feed.joining.get(connection)

    def leave(self, connection: Connection, id_: UUID) -> None:
        """`connection` does not listen to this stream (any more)."""
        feed = self.feeds.get(id_)
        if feed is not None:
            feed.leave(connection)
            connection.feeds.discard(feed)

    def disconnect(self, connection: Connection) -> None:
        """The connection is gone."""
        self.connections.discard(connection)
        for feed in connection.feeds:
            feed.leave(connection)
        connection.feeds.clear()

    def connections_of(self, person: UUID) -> list[Connection]:
        """The person's connections in this process that are on their stream."""
        feed = self.feeds.get(person)
        return [] if feed is None else [*feed.listeners, *feed.joining]

    def sweep(self) -> None:
        """Forget the streams that nobody listens to."""
        for feed in [feed for feed in self.feeds.values() if not feed.in_use]:
            self._forget(feed)

    def reset(self) -> None:
        """Close all connections and forget all cursors: they belong to another line of history.

        A connection that is reading just then does not come back to a stream: it has left them.
        """
        for connection in list(self.connections):
            connection.outgoing.close(CloseCode.RESTARTING)
            self.disconnect(connection)
        for feed in list(self.feeds.values()):
            self._forget(feed)

    def _forget(self, feed: Feed) -> None:
        del self.feeds[feed.id]
        self.behind.discard(feed)
        self.subscriptions.mark(feed.stream, feed.id)

    # -- what comes in ------------------------------------------------------------------------

    def deliver(self, envelopes: Iterable[Envelope]) -> None:
        """Pass on what was committed, here or in another process."""
        ready: dict[Feed, list[tuple[int | None, str]]] = {}
        for envelope in envelopes:
            feed = self.feeds.get(envelope.to)
            if feed is None or not self._moves(feed, envelope):
                continue
            if envelope.ephemeral and envelope.event is not None:
                feed.send_ephemeral(envelope.event)
            elif envelope.event is not None:
                ready.setdefault(feed, []).append((envelope.rev, envelope.event))
            if envelope.effect is not None:
                # What stands before it goes out first: it may end the listening.
                self._send(ready)
                ready.clear()
                self._apply(feed, envelope.rev, envelope.effect)
        self._send(ready)

    def mark_behind(self, feed: Feed) -> None:
        """Have the healer read `feed` from its cursor."""
        self.behind.add(feed)
        self.something_behind.set()

    def _moves(self, feed: Feed, envelope: Envelope) -> bool:
        if envelope.rev is None:
            return True
        if feed.cursor is None:
            # Nobody has finished reading yet: who joins will see that there is more.
            self.mark_behind(feed)
            return False
        if envelope.rev <= feed.cursor:
            return False
        if envelope.follows is None or envelope.follows > feed.cursor:
            self.mark_behind(feed)
            return False
        feed.cursor = envelope.rev
        feed.moved_at = self.loop.time()
        return True

    def _send(self, ready: dict[Feed, list[tuple[int | None, str]]]) -> None:
        for feed, events in ready.items():
            feed.send(events)

    def _apply(self, feed: Feed, rev: int | None, effect: AnyEffect) -> None:
        if isinstance(effect, EndListening):
            for connection in [
                s for s in (*feed.listeners, *feed.joining) if s.person == effect.person
            ]:
                self.leave(connection, feed.id)
            return
        for connection in self.connections_of(feed.id):
            if isinstance(effect, JoinChat) and connection in feed.joining:
                # Its event is held, so the chat must not speak yet. Nor may a chat that the
                # connection knows, before it has been sent what it missed there.
                feed.hold_join(connection, rev, effect)
            else:
                self.apply_effect(connection, effect)

    def apply_effect(self, connection: Connection, effect: AnyEffect) -> None:
        """Apply to one connection what a change of its person's stream means for it."""
        match effect:
            case EndSessions(session=None):
                connection.outgoing.close(CloseCode.SIGNED_OUT)
            case EndSessions(session=ended):
                if connection.session_hash == ended:
                    connection.outgoing.close(CloseCode.SIGNED_OUT)
            case JoinChat(chat=chat, rev=rev):
                self._let_in(connection, chat, rev)
            case LeaveChat(chat=chat):
                self.leave(connection, chat)
            case Watch(person=person, on=on):
                self.watching.put_nowait((connection, person, on))

    def _let_in(self, connection: Connection, chat: UUID, rev: int) -> None:
        feed = self.feeds.get(chat)
        if feed is not None and feed in connection.feeds:
            return
        if feed is None or feed.cursor in (None, rev):
            self.hold(connection, "chat", [chat])
            self.join(connection, chat, rev)
        else:
            self._read_in(connection, chat, rev)

    def _read_in(self, connection: Connection, chat: UUID, rev: int) -> None:
        feed = self.feeds.get(chat)
        if feed is None or feed not in connection.feeds:
            self.hold(connection, "chat", [chat])
            self.missing.put_nowait(Missing(connection, "chat", chat, rev))
