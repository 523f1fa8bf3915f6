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

from apps.realtime.connection import Session
from apps.realtime.envelope import Delivery
from apps.realtime.feed import Feed, Held
from apps.realtime.outgoing import Round
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

    session: Session
    stream: Stream
    id: UUID
    since: int


class Hub:
    """Feeds by stream id (ids of chats and people never meet: both are UUIDv7)."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.round = Round(loop)
        # The line of history that all cursors here belong to; None before the first check.
        self.epoch: UUID | None = None
        self.feeds: dict[UUID, Feed] = {}
        self.sessions: set[Session] = set()
        # Streams whose cursor is known to be behind; the healer reads them.
        self.behind: set[Feed] = set()
        self.something_behind = asyncio.Event()
        self.subscriptions = Subscriptions(self.feeds.__contains__)
        # What others wait for: presence to look up, and connections that must be caught up on one
        # stream.
        self.watching: asyncio.Queue[tuple[Session, UUID, bool]] = asyncio.Queue()
        self.missing: asyncio.Queue[Missing] = asyncio.Queue()

    # -- who listens --------------------------------------------------------------------------

    def feed(self, stream: Stream, id_: UUID) -> Feed:
        """The feed of a stream, opened when it is new here."""
        feed = self.feeds.get(id_)
        if feed is None:
            feed = self.feeds[id_] = Feed(stream, id_)
            self.subscriptions.mark(stream, id_)
        return feed

    def begin(self, session: Session, stream: Stream, ids: Iterable[UUID]) -> None:
        """Hold the events of these streams for `session` while it reads what it missed.

        A connection that has ended begins nothing: nobody would take it out of a feed again.
        """
        if session.outgoing.closed:
            return
        for id_ in ids:
            feed = self.feed(stream, id_)
            session.feeds.add(feed)
            feed.begin(session)

    def join(self, session: Session, id_: UUID, rev: int) -> None:
        """`session` has read the stream up to `rev`: let it listen, or have it caught up first."""
        feed = self.feeds.get(id_)
        if feed is None or feed not in session.feeds:
            return
        joined = feed.join(session, rev, self.loop.time())
        if joined is None:
            self.missing.put_nowait(Missing(session, feed.stream, id_, rev))
            return
        if (feed.cursor or 0) < rev or feed in self.behind:
            self.read(feed)
        for effect in joined:
            # Some time has passed: what happened in the chat since then was held for nobody.
            self._read_in(session, effect.chat, effect.rev)

    def held(self, session: Session, id_: UUID) -> list[Held] | None:
        """What is held of the stream for `session` since `begin`; None when it does not read.

        Another list than before a read means that the read is out of date: another one has begun.
        """
        feed = self.feeds.get(id_)
        return None if feed is None else feed.joining.get(session)

    def drop(self, session: Session, id_: UUID) -> None:
        """`session` does not listen to this stream (any more)."""
        feed = self.feeds.get(id_)
        if feed is not None:
            feed.leave(session)
            session.feeds.discard(feed)

    def leave(self, session: Session) -> None:
        """The connection is gone."""
        self.sessions.discard(session)
        for feed in session.feeds:
            feed.leave(session)
        session.feeds.clear()

    def sessions_of(self, person: UUID) -> list[Session]:
        """The person's connections in this process that are on their stream."""
        feed = self.feeds.get(person)
        return [] if feed is None else [*feed.listeners, *feed.joining]

    def sweep(self) -> None:
        """Forget the streams that nobody listens to."""
        for feed in [feed for feed in self.feeds.values() if not feed.used]:
            self._forget(feed)

    def start_over(self) -> None:
        """Close all connections and forget all cursors: they belong to another line of history.

        A connection that is reading just then does not come back to a stream: it has left them.
        """
        for session in list(self.sessions):
            session.outgoing.close(CloseCode.RESTARTING)
            self.leave(session)
        for feed in list(self.feeds.values()):
            self._forget(feed)

    def _forget(self, feed: Feed) -> None:
        del self.feeds[feed.id]
        self.behind.discard(feed)
        self.subscriptions.mark(feed.stream, feed.id)

    # -- what comes in ------------------------------------------------------------------------

    def take(self, deliveries: Iterable[Delivery]) -> None:
        """Pass on what was committed, here or in another process."""
        ready: dict[Feed, list[tuple[int | None, str]]] = {}
        for delivery in deliveries:
            feed = self.feeds.get(delivery.to)
            if feed is None or not self._moves(feed, delivery):
                continue
            if delivery.fleeting and delivery.event is not None:
                feed.whisper(delivery.event)
            elif delivery.event is not None:
                ready.setdefault(feed, []).append((delivery.rev, delivery.event))
            if delivery.effect is not None:
                # What stands before it goes out first: it may end the listening.
                self._send(ready)
                ready.clear()
                self._apply(feed, delivery.rev, delivery.effect)
        self._send(ready)

    def read(self, feed: Feed) -> None:
        """Have the healer read `feed` from its cursor."""
        self.behind.add(feed)
        self.something_behind.set()

    def _moves(self, feed: Feed, delivery: Delivery) -> bool:
        if delivery.rev is None:
            return True
        if feed.cursor is None:
            # Nobody has finished reading yet: who joins will see that there is more.
            self.read(feed)
            return False
        if delivery.rev <= feed.cursor:
            return False
        if delivery.follows is None or delivery.follows > feed.cursor:
            self.read(feed)
            return False
        feed.cursor = delivery.rev
        feed.moved_at = self.loop.time()
        return True

    def _send(self, ready: dict[Feed, list[tuple[int | None, str]]]) -> None:
        for feed, events in ready.items():
            feed.send(events)

    def _apply(self, feed: Feed, rev: int | None, effect: AnyEffect) -> None:
        if isinstance(effect, EndListening):
            for session in [
                s for s in (*feed.listeners, *feed.joining) if s.person == effect.person
            ]:
                self.drop(session, feed.id)
            return
        for session in self.sessions_of(feed.id):
            if isinstance(effect, JoinChat) and session in feed.joining:
                # Its event is held, so the chat must not speak yet. Nor may a chat that the
                # connection knows, before it has been sent what it missed there.
                feed.hold(session, rev, effect)
            else:
                self.affect(session, effect)

    def affect(self, session: Session, effect: AnyEffect) -> None:
        """Apply to one connection what a change of its person's stream means for it."""
        match effect:
            case EndSessions(session=None):
                session.outgoing.close(CloseCode.SIGNED_OUT)
            case EndSessions(session=ended):
                if session.session_hash == ended:
                    session.outgoing.close(CloseCode.SIGNED_OUT)
            case JoinChat(chat=chat, rev=rev):
                self._let_in(session, chat, rev)
            case LeaveChat(chat=chat):
                self.drop(session, chat)
            case Watch(person=person, on=on):
                self.watching.put_nowait((session, person, on))

    def _let_in(self, session: Session, chat: UUID, rev: int) -> None:
        feed = self.feeds.get(chat)
        if feed is not None and feed in session.feeds:
            return
        if feed is None or feed.cursor in (None, rev):
            self.begin(session, "chat", [chat])
            self.join(session, chat, rev)
        else:
            self._read_in(session, chat, rev)

    def _read_in(self, session: Session, chat: UUID, rev: int) -> None:
        feed = self.feeds.get(chat)
        if feed is None or feed not in session.feeds:
            self.begin(session, "chat", [chat])
            self.missing.put_nowait(Missing(session, "chat", chat, rev))
