"""The hub: knows, for one process, which connection listens to which stream.

For every stream with a local listener the hub keeps a cursor. An event that follows the cursor is
written to all listeners at once. An event that does not follow it shows that a hint was lost: the
change feed is then read from PostgreSQL instead. All methods belong to the event loop's thread.
"""

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping
from uuid import UUID

from apps.realtime.backoff import Backoff
from apps.realtime.catch_up import CatchUp
from apps.realtime.connection import Connection
from apps.realtime.ended_connections import EndedConnections
from apps.realtime.envelope import Envelope
from apps.realtime.feed import Ephemeral, Feed, HeldItem
from apps.realtime.gathered_reads import in_threads
from apps.realtime.healer import Healer
from apps.realtime.outgoing import Flusher
from apps.realtime.resume_parts import read_parts
from apps.realtime.subscriptions import Subscriptions
from apps.wire.close_codes import CloseCode
from apps.wire.publish import AnyEffect, EndSessions, JoinChat, LeaveChat, Stream, Watch

SWEEP_INTERVAL_S = 5.0
# How long a "typing" waits for others, or for a message or receipts with which it shares a frame.
EPHEMERAL_DELAY_S = 0.1
# How long it waits while its feed is to be compared with the database.
MAX_EPHEMERAL_WAIT_S = 3.0


class Hub:
    """Feeds by stream id (chat ids and person ids never collide: both are UUIDv7)."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.flusher = Flusher(loop)
        # The epoch of all cursors here; None before the first check.
        self.epoch: UUID | None = None
        self.feeds: dict[UUID, Feed] = {}
        # Ephemeral events that wait, by feed, and since when. While there are any, a timer runs.
        self._ephemeral: dict[Feed, tuple[float, list[Ephemeral]]] = {}
        self.connections: set[Connection] = set()
        self.ended = EndedConnections()
        self.subscriptions = Subscriptions(self.feeds.__contains__)
        backoff = Backoff(loop)
        self.healer = Healer(self, backoff)
        self.catch_up = CatchUp(self, backoff)
        # The next parts of resumes. Two at once: one person's part may take long.
        self.parts = in_threads(read_parts, who=lambda reader: reader.person, at_once=2)
        # Called when a connection's person gains (True) or loses a contact; presence sets it.
        self.on_watch: Callable[[Connection, UUID, bool], None] = lambda *_: None

    # -- connections and feeds ----------------------------------------------------------------

    def open_feed(self, stream: Stream, id_: UUID) -> Feed:
        """The feed of a stream, created when this process has none."""
        feed = self.feeds.get(id_)
        if feed is None:
            feed = self.feeds[id_] = Feed(stream, id_)
            self.subscriptions.mark(stream, id_)
        return feed

    def hold(self, connection: Connection, stream: Stream, ids: Iterable[UUID]) -> None:
        """Hold the events of these streams for `connection` while it reads what it missed.

        Does nothing for a closed connection: nothing would take it out of a feed again.
        """
        if connection.outgoing.closed:
            return
        for id_ in ids:
            feed = self.open_feed(stream, id_)
            connection.feeds.add(feed)
            feed.hold(connection)

    def has_all(
        self, connection: Connection, chats: Mapping[UUID, int], held: Container[UUID]
    ) -> bool:
        """Whether `connection` misses no event of chats that it has read up to these revisions: the
        events since are `held` for it, or none have come.

        A chat that this process does not have, or has without a cursor, is compared with the
        database once it is subscribed.
        """
        feeds = self.feeds
        for id_, rev in chats.items():
            feed = feeds.get(id_)
            if feed is not None and (feed.cursor or 0) > rev and id_ not in held:
                return False
        return True

    def join(self, connection: Connection, id_: UUID, rev: int) -> None:
        """Let `connection`, which has read the stream up to `rev`, listen, or catch it up first."""
        feed = self.feeds.get(id_)
        if feed is None or feed not in connection.feeds:
            return
        behind = feed.cursor is not None and feed.cursor < rev
        joined = feed.join(connection, rev, self.loop.time())
        if joined is None:
            self.catch_up.request(connection, feed.stream, id_, rev)
            return
        if behind or self.healer.is_marked(feed):
            self.healer.mark(feed)
        for effect in joined:
            # Some time has passed: events of the chat since then were not held.
            self._catch_up_chat(connection, effect.chat, effect.rev)

    def join_unheld(self, connection: Connection, chats: Mapping[UUID, int]) -> None:
        """Let `connection` listen to chats that it has read up to these revisions, while no events
        were held for it: see `has_all`."""
        if connection.outgoing.closed:
            return
        for id_, rev in chats.items():
            feed = self.open_feed("chat", id_)
            if feed.cursor is None or not feed.in_use:
                # Events since the read may have come, and been dropped.
                self.healer.mark_soon(feed)
            self.hold(connection, "chat", [id_])
            self.join(connection, id_, rev)

    def held(self, connection: Connection, id_: UUID) -> list[HeldItem] | None:
        """The items held for `connection` since `hold`; None when nothing is held.

        Another list than before a read means that the read is out of date: another one has begun.
        """
        feed = self.feeds.get(id_)
        return None if feed is None else feed.joining.get(connection)

    def leave(self, connection: Connection, id_: UUID) -> None:
        """Take `connection` out of one stream."""
        feed = self.feeds.get(id_)
        if feed is not None:
            feed.leave(connection)
            connection.feeds.discard(feed)

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self.connections.discard(connection)
        for feed in connection.feeds:
            feed.leave(connection)
        connection.feeds.clear()

    async def sweep_regularly(self) -> None:
        """Sweep every few seconds until shutdown."""
        while True:
            await asyncio.sleep(SWEEP_INTERVAL_S)
            self.sweep()

    def sweep(self) -> None:
        """Forget the streams that no connection listens to."""
        for feed in [feed for feed in self.feeds.values() if not feed.in_use]:
            self._forget(feed)

    def reset(self) -> None:
        """Close all connections and forget all cursors: they belong to another epoch.

        A connection that is reading does not join afterwards: it has left its streams.
        """
        for connection in list(self.connections):
            connection.outgoing.close(CloseCode.RESTARTING)
            self.disconnect(connection)
        for feed in list(self.feeds.values()):
            self._forget(feed)

    def _forget(self, feed: Feed) -> None:
        del self.feeds[feed.id]
        self.healer.unmark(feed)
        self.subscriptions.mark(feed.stream, feed.id)

    # -- events -------------------------------------------------------------------------------

    def deliver(self, envelopes: Iterable[Envelope]) -> None:
        """Pass on what was committed, in this process or in another one."""
        ready: dict[Feed, list[tuple[int | None, str]]] = {}
        committed: set[float] = set()
        traces: list[str] = []
        for envelope in envelopes:
            feed = self.feeds.get(envelope.to)
            if feed is None or not self._advance(feed, envelope):
                continue
            if envelope.ephemeral and envelope.event is not None:
                self._hold_ephemeral(feed, Ephemeral(envelope.event, envelope.without))
            elif envelope.event is not None:
                ready.setdefault(feed, []).append((envelope.rev, envelope.event))
                committed.add(envelope.committed_at)
                if envelope.trace:
                    traces.append(envelope.trace)
            if envelope.effect is not None:
                # Events before the effect go out first: the effect may end the listening.
                self._send(ready)
                ready.clear()
                self._apply(feed, envelope.rev, envelope.effect)
        self._send(ready)
        self.flusher.measure(committed, traces)

    def _advance(self, feed: Feed, envelope: Envelope) -> bool:
        """Move the cursor to this envelope. False: it is old, or does not follow the cursor."""
        if envelope.rev is None:
            return True
        if feed.cursor is None:
            # No reader has established a cursor yet; the first one to join will notice the gap.
            self.healer.mark(feed)
            return False
        if envelope.rev <= feed.cursor:
            return False
        if envelope.follows is None or envelope.follows > feed.cursor:
            self.healer.mark(feed)
            return False
        feed.cursor = envelope.rev
        feed.moved_at = self.loop.time()
        return True

    def _send(self, ready: dict[Feed, list[tuple[int | None, str]]]) -> None:
        for feed, events in ready.items():
            _, ephemeral = self._ephemeral.pop(feed, (0.0, None))
            if ephemeral is not None and not self.healer.may_be_behind(feed):
                feed.send_ephemeral(ephemeral)
            feed.send(events)

    def _hold_ephemeral(self, feed: Feed, event: Ephemeral) -> None:
        if not self._ephemeral:
            self.loop.call_later(EPHEMERAL_DELAY_S, self._send_ephemeral)
        self._ephemeral.setdefault(feed, (self.loop.time(), []))[1].append(event)

    def _send_ephemeral(self) -> None:
        held, self._ephemeral = self._ephemeral, {}
        oldest = self.loop.time() - MAX_EPHEMERAL_WAIT_S
        for feed, (since, events) in held.items():
            # What was missed may be that a listener has been removed: no revision tells.
            if not self.healer.may_be_behind(feed):
                feed.send_ephemeral(events)
            elif since > oldest:
                self._ephemeral[feed] = since, events
        if self._ephemeral:
            self.loop.call_later(EPHEMERAL_DELAY_S, self._send_ephemeral)

    # -- effects ------------------------------------------------------------------------------

    def _apply(self, feed: Feed, rev: int | None, effect: AnyEffect) -> None:
        """Apply an effect to the connections of the person it concerns."""
        if isinstance(effect, LeaveChat):
            chat = self.feeds.get(effect.chat)
            for connection in chat.connections if chat else []:
                if connection.person == effect.person:
                    self.leave(connection, effect.chat)
            return
        for connection in feed.connections:
            if isinstance(effect, JoinChat) and connection in feed.joining:
                # The event that announces the chat is still held, so events of the chat must wait;
                # also those of a known chat, before the events that the connection missed there.
                feed.hold_join(connection, rev, effect)
            else:
                self.apply_effect(connection, effect)

    def apply_effect(self, connection: Connection, effect: AnyEffect) -> None:
        """Apply the effect of an event in the person's stream to one connection."""
        match effect:
            case EndSessions(session=ended):
                if ended in (None, connection.session_hash):
                    self.ended.close(connection)
            case JoinChat(chat=chat, rev=rev):
                self._join_chat(connection, chat, rev)
            case LeaveChat(chat=chat):
                self.leave(connection, chat)
            case Watch(person=person, on=on):
                connection.blocked = None
                connection.contact_changes += 1
                self.on_watch(connection, person, on)

    def _join_chat(self, connection: Connection, chat: UUID, rev: int) -> None:
        feed = self.feeds.get(chat)
        if feed is not None and feed in connection.feeds:
            return
        if feed is None or feed.cursor in (None, rev):
            self.hold(connection, "chat", [chat])
            self.join(connection, chat, rev)
        else:
            self._catch_up_chat(connection, chat, rev)

    def _catch_up_chat(self, connection: Connection, chat: UUID, rev: int) -> None:
        feed = self.feeds.get(chat)
        if feed is None or feed not in connection.feeds:
            self.hold(connection, "chat", [chat])
            self.catch_up.request(connection, "chat", chat, rev)
