"""What the server does by the clock: check positions and sessions, forget, beat."""

import asyncio
import logging
from uuid import UUID

from django.db import Error
from django.utils import timezone

from apps.accounts.queries import sessions
from apps.core.database import database
from apps.realtime import change_feed
from apps.realtime.connection import Connection
from apps.realtime.database import in_background_database
from apps.realtime.healer import cursors_of
from apps.realtime.hub import Hub
from apps.realtime.presence.board import PresenceBoard
from apps.realtime.relay import Relay
from apps.wire import epochs, events
from apps.wire.close_codes import CloseCode

logger = logging.getLogger(__name__)

CHECK_INTERVAL_S = 5.0
# Looked at each second, so that no more than 25 s pass.
BEAT_INTERVAL_S = 24.0
MAX_IN_A_CHECK = 5_000
RESUMING_RETRY_S = 0.5


class Upkeep:
    """Standing tasks of one server process. Each runs until shutdown and waits for no other: what
    delays one of them must not delay the end of a session or a lost message."""

    def __init__(self, hub: Hub, relay: Relay, presence: PresenceBoard) -> None:
        self._hub = hub
        self._relay = relay
        self._presence = presence
        # Whether a head was below its cursor and no new epoch could be begun yet.
        self._went_back = False

    async def check_positions(self) -> None:
        """Every few seconds compare the epoch and all cursors with the database."""
        while True:
            try:
                await self._check_positions()
            except Error as error:
                database.failed(error)
            await asyncio.sleep(CHECK_INTERVAL_S)

    async def check_sessions(self) -> None:
        """Every few seconds close the connections of sessions that have ended."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            try:
                await self._check_sessions()
            except Error as error:
                database.failed(error)

    async def sweep(self) -> None:
        """Every few seconds forget the streams that nobody listens to."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            self._hub.sweep()

    async def subscribe(self) -> None:
        """Keep subscribed to the streams that are open, and read each once more then."""
        await self._hub.subscriptions.keep(self._relay, self._subscribed)

    async def beat(self) -> None:
        """Tell every connection what moved, a slice of the connections each second.

        Busy ones, too: a loss that concerns one connection alone is shown by nothing else.
        """
        while True:
            await asyncio.sleep(1)
            now = self._hub.loop.time()
            for connection in list(self._hub.connections):
                if connection.resumed and now - connection.beat_at >= BEAT_INTERVAL_S:
                    self._beat(connection, now)

    async def watch(self) -> None:
        """Begin and end the telling of presence, as contacts come and go."""
        while True:
            connection, person, on = await self._hub.watching.get()
            if connection.outgoing.closed:
                continue
            if connection.resuming:
                # It begins to watch the contacts that it had in its last snapshot.
                again = (connection, person, on)
                self._hub.loop.call_later(RESUMING_RETRY_S, self._hub.watching.put_nowait, again)
            elif on:
                await self._presence.watch(connection, [person])
            elif person in connection.watched:
                self._presence.unwatch(connection, person)

    def _subscribed(self, ids: list[UUID]) -> None:
        if self._relay.alone:
            return
        for id_ in ids:
            feed = self._hub.feeds.get(id_)
            if feed is not None and feed.in_use:
                self._hub.mark_behind(feed)

    async def _check_positions(self) -> None:
        hub = self._hub
        if self._went_back:
            await self._begin_epoch()
        feeds = [feed for feed in hub.feeds.values() if feed.cursor is not None]
        # Without any feed too: the epoch is read along.
        for start in range(0, max(1, len(feeds)), MAX_IN_A_CHECK):
            part = feeds[start : start + MAX_IN_A_CHECK]
            found = await in_background_database(change_feed.positions, **cursors_of(part))
            if self._enter(found.epoch):
                return
            if found.went_back:
                logger.error("PostgreSQL has lost committed changes: a new epoch begins")
                self._went_back = True
                await self._begin_epoch()
                return
            for id_ in found.moved:
                feed = hub.feeds.get(id_)
                if feed is not None:
                    hub.mark_behind(feed)

    async def _begin_epoch(self) -> None:
        self._enter(await in_background_database(epochs.begin, after=self._hub.epoch))
        self._went_back = False

    def _enter(self, epoch: UUID | None) -> bool:
        """Take note of the epoch; whether it is a new one, for which all has started over."""
        known, self._hub.epoch = self._hub.epoch, epoch or self._hub.epoch
        if known in (None, self._hub.epoch):
            return False
        logger.warning("epoch %s follows %s: all connections start over", epoch, known)
        self._went_back = False
        self._hub.reset()
        return True

    async def _check_sessions(self) -> None:
        live = list(self._hub.connections)
        for start in range(0, len(live), MAX_IN_A_CHECK):
            part = live[start : start + MAX_IN_A_CHECK]
            asked = [(connection.person, connection.session_key) for connection in part]
            alive = await in_background_database(sessions.alive, asked)
            for connection, key in zip(part, asked, strict=True):
                if key not in alive:
                    connection.outgoing.close(CloseCode.SIGNED_OUT)

    def _beat(self, connection: Connection, now: float) -> None:
        # A stream that the connection is still catching up with is behind without a loss.
        feeds = [feed for feed in connection.feeds if connection in feed.listeners]
        heads = {
            feed.id: feed.cursor
            for feed in feeds
            if feed.stream == "chat" and feed.cursor and feed.moved_at >= connection.beat_at
        }
        user_rev = max((feed.cursor or 0 for feed in feeds if feed.stream == "person"), default=0)
        connection.beat_at = now
        connection.send(events.Heartbeat(time=timezone.now(), heads=heads, user_rev=user_rev))
