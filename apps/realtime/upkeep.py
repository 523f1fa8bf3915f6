"""What the server does by the clock: heal, check positions and sessions, beat."""

import asyncio
import logging
from itertools import islice
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from apps.accounts.queries import sessions
from apps.realtime import changes
from apps.realtime.database import in_database
from apps.realtime.feed import Feed
from apps.realtime.hub import Hub
from apps.realtime.presence import PresenceBoard
from apps.realtime.relay import Relay, group_of
from apps.realtime.resume import catch_up
from apps.realtime.session import Session
from apps.wire import events
from apps.wire.closing import CloseCode

logger = logging.getLogger(__name__)

CHECK_EVERY = 5.0
# Looked at each second, so that no more than 25 s pass.
BEAT_EVERY = 24.0
MOST_IN_A_READ = 500


class Upkeep:
    """The standing tasks of one server process; each runs for ever."""

    def __init__(self, hub: Hub, relay: Relay, presence: PresenceBoard) -> None:
        self._hub = hub
        self._relay = relay
        self._presence = presence

    async def heal(self) -> None:
        """Read the streams that are behind, as soon as one is."""
        hub = self._hub
        while True:
            await hub.something_behind.wait()
            hub.something_behind.clear()
            hub.behind = {feed for feed in hub.behind if feed.used}
            ready = list(islice((f for f in hub.behind if f.cursor is not None), MOST_IN_A_READ))
            hub.behind.difference_update(ready)
            if not ready:
                continue
            try:
                hub.take(await in_database(changes.behind, **_cursors(ready)))
            except (DatabaseError, InterfaceError) as error:
                logger.warning("cannot read what was missed: %r", error)
                await asyncio.sleep(1)
                hub.behind.update(ready)
            if hub.behind:
                hub.something_behind.set()

    async def check(self) -> None:
        """Every few seconds compare all positions with the database, and all sessions."""
        while True:
            await asyncio.sleep(CHECK_EVERY)
            try:
                await self._check_positions()
                await self._check_sessions()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("cannot check positions: %r", error)
            await self._forget()

    async def beat(self) -> None:
        """Write to connections that were quiet, a slice of them each second."""
        while True:
            await asyncio.sleep(1)
            now = self._hub.loop.time()
            for session in list(self._hub.sessions):
                if session.resumed and now - session.outgoing.wrote_at >= BEAT_EVERY:
                    self._beat(session, now)

    async def subscribe(self) -> None:
        """Subscribe to streams that were opened, then read them once: something may have come
        before the subscription stood."""
        hub = self._hub
        while True:
            feed = await hub.opened.get()
            try:
                await self._relay.subscribe([group_of(feed.stream, feed.id)])
            except Exception as error:  # Redis away: positions are checked all the same
                logger.debug("not subscribed: %r", error)
                await asyncio.sleep(1)
                if feed.used:
                    hub.opened.put_nowait(feed)
            if not self._relay.alone and feed.used:
                hub.read(feed)

    async def watch(self) -> None:
        """Begin and end the telling of presence, as contacts come and go."""
        while True:
            session, person, on = await self._hub.watching.get()
            if session not in self._hub.sessions:
                continue
            if on:
                await self._presence.watch(session, [person])
            elif person in session.watched:
                self._presence.unwatch(session, person)

    async def catch_up(self) -> None:
        """Bring connections that joined a running chat to its head."""
        while True:
            session, chat, rev = await self._hub.missing.get()
            try:
                await catch_up(self._hub, session, chat, rev)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("cannot catch up: %r", error)
                session.too_slow()

    async def _forget(self) -> None:
        unused = self._hub.sweep()
        try:
            await self._relay.unsubscribe(group_of(feed.stream, feed.id) for feed in unused)
        except Exception as error:  # Redis away
            logger.debug("not unsubscribed: %r", error)
        # Whoever came back to one meanwhile found it subscribed, and it no longer is.
        for feed in unused:
            if (opened := self._hub.feeds.get(feed.id)) is not None:
                self._hub.opened.put_nowait(opened)

    async def _check_positions(self) -> None:
        feeds = [feed for feed in self._hub.feeds.values() if feed.cursor is not None]
        for start in range(0, len(feeds), 5_000):
            part = feeds[start : start + 5_000]
            for id_ in await in_database(changes.moved, **_cursors(part)):
                feed = self._hub.feeds.get(id_)
                if feed is not None:
                    self._hub.read(feed)

    async def _check_sessions(self) -> None:
        live = list(self._hub.sessions)
        for start in range(0, len(live), 5_000):
            part = live[start : start + 5_000]
            asked = [(session.person, session.session_key) for session in part]
            alive = await in_database(sessions.alive, asked)
            for session, key in zip(part, asked, strict=True):
                if key not in alive:
                    session.outgoing.close(CloseCode.SIGNED_OUT)

    def _beat(self, session: Session, now: float) -> None:
        feeds = [feed for feed in session.feeds if feed.moved_at >= session.beat_at]
        person = self._hub.feeds.get(session.person)
        session.beat_at = now
        session.send(
            events.Heartbeat(
                time=timezone.now(),
                heads={
                    feed.id: feed.cursor
                    for feed in feeds
                    if feed.stream == "chat" and feed.cursor is not None
                },
                user_rev=(person.cursor if person else None) or 0,
            )
        )


def _cursors(feeds: list[Feed]) -> dict[str, dict[UUID, int]]:
    chats = {f.id: f.cursor or 0 for f in feeds if f.stream == "chat"}
    people = {f.id: f.cursor or 0 for f in feeds if f.stream == "person"}
    return {"chat_cursors": chats, "person_cursors": people}
