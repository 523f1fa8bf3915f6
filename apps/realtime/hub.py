"""The hub: the one place in a process that knows who listens to what.

For every stream with a local listener it keeps a cursor. An event that follows the cursor is
written to all listeners at once; one that does not shows that a hint was lost, and the change
feed is read from PostgreSQL instead. All methods belong to the event loop's thread.
"""

import asyncio
import logging
from collections.abc import Iterable
from uuid import UUID

from apps.realtime.delivery import Delivery
from apps.realtime.feed import Feed
from apps.realtime.outgoing import Round
from apps.realtime.session import Session
from apps.wire.closing import CloseCode
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


class Hub:
    """Feeds by stream id (ids of chats and people never meet: both are UUIDv7)."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.round = Round(loop)
        self.feeds: dict[UUID, Feed] = {}
        self.sessions: set[Session] = set()
        # Streams whose cursor is known to be behind; the healer reads them.
        self.behind: set[Feed] = set()
        self.something_behind = asyncio.Event()
        # What others wait for: new streams to subscribe to, presence to look up, and connections
        # that must be caught up on one chat.
        self.opened: asyncio.Queue[Feed] = asyncio.Queue()
        self.watching: asyncio.Queue[tuple[Session, UUID, bool]] = asyncio.Queue()
        self.missing: asyncio.Queue[tuple[Session, UUID, int]] = asyncio.Queue()

    # -- who listens --------------------------------------------------------------------------

    def feed(self, stream: Stream, id_: UUID) -> Feed:
        """The feed of a stream, opened when it is new here."""
        feed = self.feeds.get(id_)
        if feed is None:
            feed = self.feeds[id_] = Feed(stream, id_)
            self.opened.put_nowait(feed)
        return feed

    def begin(self, session: Session, stream: Stream, ids: Iterable[UUID]) -> None:
        """Hold for `session` what these streams bring while it reads what it missed."""
        for id_ in ids:
            feed = self.feed(stream, id_)
            session.feeds.add(feed)
            feed.begin(session)

    def join(self, session: Session, id_: UUID, rev: int) -> None:
        """`session` has read the stream up to `rev`: let it listen."""
        feed = self.feeds.get(id_)
        if feed is None or feed not in session.feeds:
            return
        if feed.join(session, rev) or feed in self.behind:
            self.read(feed)

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

    def sweep(self) -> list[Feed]:
        """Forget the streams that nobody listens to, and answer them."""
        unused = [feed for feed in self.feeds.values() if not feed.used]
        for feed in unused:
            del self.feeds[feed.id]
            self.behind.discard(feed)
        return unused

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
                self._apply(feed, delivery.effect)
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

    def _apply(self, feed: Feed, effect: AnyEffect) -> None:
        if isinstance(effect, EndListening):
            for session in [
                s for s in (*feed.listeners, *feed.joining) if s.person == effect.person
            ]:
                self.drop(session, feed.id)
            return
        for session in self.sessions_of(feed.id):
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
        feed = self.feed("chat", chat)
        if feed in session.feeds:
            return
        self.begin(session, "chat", [chat])
        if feed.cursor is None or feed.cursor == rev:
            self.join(session, chat, rev)
        else:
            self.missing.put_nowait((session, chat, rev))
