"""Reads from PostgreSQL what hints did not bring: for streams that are behind, and for connections
that must be caught up before they listen."""

import asyncio
import logging
from itertools import islice
from uuid import UUID

from django.db import InterfaceError, OperationalError
from psycopg.errors import QueryCanceled

from apps.core.database import database
from apps.realtime import change_feed
from apps.realtime.connection import Connection
from apps.realtime.database import in_background_database
from apps.realtime.feed import Feed
from apps.realtime.hub import Hub, Missing
from apps.realtime.outgoing import batches
from apps.realtime.resume import catch_up
from apps.wire.codec import encode

logger = logging.getLogger(__name__)

MAX_IN_A_READ = 500
RETRY_AFTER_S = 1.0
RESUMING_RETRY_S = 0.05
# A stream that cannot be read is tried again after so long, then after twice as long, and so on.
PARKED_FIRST_S = 5.0
PARKED_MAX_S = 300.0


class Healer:
    """Two standing tasks of one server process: `heal` and `catch_up`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # Streams that could not be read: until when they are left alone, and for how long.
        self._parked: dict[UUID, tuple[float, float]] = {}
        self._one_by_one = 0

    async def heal(self) -> None:
        """Read the streams that are behind, as soon as one is. Runs until shutdown."""
        hub = self._hub
        while True:
            await hub.something_behind.wait()
            hub.something_behind.clear()
            ready = self._ready()
            hub.behind.difference_update(ready)
            if not ready:
                continue
            try:
                await self._read(ready)
            except Exception as error:
                hub.behind.update(ready)
                await self._failed(error, ready)
            else:
                self._one_by_one = max(0, self._one_by_one - len(ready))
                for feed in ready:
                    self._parked.pop(feed.id, None)
            if hub.behind:
                hub.something_behind.set()

    async def catch_up(self) -> None:
        """Read for connections what they must have before they listen. Runs until shutdown."""
        hub = self._hub
        while True:
            missing = await hub.missing.get()
            try:
                await self._catch_up(missing)
            except Exception as error:
                if unavailable(error):
                    database.failed(error)
                    hub.missing.put_nowait(missing)
                    await asyncio.sleep(RETRY_AFTER_S)
                else:
                    # Meanwhile its events are held; when they are too many, the connection ends.
                    wait = self._park(missing.stream, missing.id, error)
                    hub.loop.call_later(wait, hub.missing.put_nowait, missing)
            else:
                self._parked.pop(missing.id, None)

    def _ready(self) -> list[Feed]:
        """The next streams to read."""
        hub, now = self._hub, self._hub.loop.time()
        hub.behind = {feed for feed in hub.behind if feed.in_use}
        self._parked = {id_: at for id_, at in self._parked.items() if id_ in hub.feeds}
        known = (
            feed
            for feed in hub.behind
            if feed.cursor is not None and self._parked.get(feed.id, (0, 0))[0] <= now
        )
        return list(islice(known, 1 if self._one_by_one else MAX_IN_A_READ))

    async def _read(self, ready: list[Feed]) -> None:
        hub = self._hub
        found, more = await in_background_database(change_feed.behind, **cursors_of(ready))
        hub.deliver(found)
        hub.behind.update(hub.feeds[id_] for id_ in more if id_ in hub.feeds)

    async def _failed(self, error: Exception, ready: list[Feed]) -> None:
        if unavailable(error):
            database.failed(error)
            await asyncio.sleep(RETRY_AFTER_S)
        elif len(ready) > 1:
            # One of them cannot be read. The others must not wait for it.
            self._one_by_one = len(ready)
        else:
            self._one_by_one = max(0, self._one_by_one - 1)
            wait = self._park(ready[0].stream, ready[0].id, error)
            self._hub.loop.call_later(wait, self._hub.something_behind.set)

    def _park(self, stream: str, id_: UUID, error: Exception) -> float:
        """Leave an unreadable stream alone for a while; for how many seconds."""
        now = self._hub.loop.time()
        until, wait = self._parked.get(id_, (0.0, 0.0))
        if until > now:  # several connections may wait for one stream
            return until - now
        if wait:
            wait = min(wait * 2, PARKED_MAX_S)
        else:
            wait = PARKED_FIRST_S
            logger.error("%s %s cannot be read; it is parked", stream, id_, exc_info=error)
        self._parked[id_] = (now + wait, wait)
        return wait

    async def _catch_up(self, missing: Missing) -> None:
        connection, stream, id_, since = missing
        if connection.outgoing.closed or self._hub.held(connection, id_) is None:
            return
        if connection.resuming:
            # A resume holds events, too, since reads of its own.
            self._hub.loop.call_later(RESUMING_RETRY_S, self._hub.missing.put_nowait, missing)
        elif stream == "chat":
            await catch_up(self._hub, connection, id_, since)
        else:
            await catch_up_person(self._hub, connection, since)


async def catch_up_person(hub: Hub, connection: Connection, since: int) -> None:
    """Send what the person's stream brought after `since`, do what it means for the connection,
    then let it listen.

    A long stream is read in parts. Only the last one reaches to where the events begin that were
    held since it was asked for.
    """
    complete = False
    while not complete:
        if connection.outgoing.closed:
            return
        hub.hold(connection, "person", [connection.person])
        held = hub.held(connection, connection.person)
        found, since, complete = await in_background_database(
            change_feed.person_since, connection.person, since
        )
        if hub.held(connection, connection.person) is not held:
            return
        for batch in batches([encode(item.event) for item in found if item.event is not None]):
            connection.outgoing.add(batch)
        for item in found:
            if item.effect is not None:
                hub.apply_effect(connection, item.effect)
    hub.join(connection, connection.person, since)


def unavailable(error: Exception) -> bool:
    """Whether PostgreSQL could not be asked at all. A statement that ran out of time was asked:
    that is a fault of what it reads."""
    return isinstance(error, OperationalError | InterfaceError) and not isinstance(
        error.__cause__, QueryCanceled
    )


def cursors_of(feeds: list[Feed]) -> dict[str, dict[UUID, int]]:
    """The cursors of these streams, as arguments of `behind` and `positions`."""
    return {
        "chat_cursors": {f.id: f.cursor or 0 for f in feeds if f.stream == "chat"},
        "person_cursors": {f.id: f.cursor or 0 for f in feeds if f.stream == "person"},
    }
