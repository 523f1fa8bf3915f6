"""Reads from PostgreSQL the events that hints did not bring, for feeds that are behind."""

import asyncio
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import InterfaceError, OperationalError
from psycopg.errors import QueryCanceled

from apps.core.database import database_outages
from apps.core.metrics import GAPS_HEALED
from apps.realtime import change_feed
from apps.realtime.backoff import Backoff
from apps.realtime.database import in_background_database
from apps.realtime.feed import Feed

if TYPE_CHECKING:
    from apps.realtime.hub import Hub

MAX_IN_A_READ = 500
RETRY_AFTER_S = 1.0
# Feeds that are to be compared, though nothing shows that they are behind, wait for others.
COMPARE_DELAY_S = 0.05


class Healer:
    """A queue of feeds whose cursor is behind, and the background task that reads them."""

    def __init__(self, hub: "Hub", backoff: Backoff) -> None:
        self._hub = hub
        self._backoff = backoff
        self._behind: set[Feed] = set()
        self._to_compare: set[Feed] = set()
        self._being_read: set[Feed] = set()
        self._wake = asyncio.Event()
        # How many more feeds to read alone, after a read of several failed.
        self._one_by_one = 0

    def mark(self, feed: Feed) -> None:
        """Have `feed` read from its cursor."""
        self._behind.add(feed)
        self._wake.set()

    def mark_soon(self, feed: Feed) -> None:
        """Have `feed` read a little later, together with others. It is probably not behind."""
        if not self._to_compare:
            self._hub.loop.call_later(COMPARE_DELAY_S, self._compare)
        self._to_compare.add(feed)

    def _compare(self) -> None:
        self._behind |= self._to_compare
        self._to_compare.clear()
        self._wake.set()

    def is_marked(self, feed: Feed) -> bool:
        """Whether `feed` waits to be read."""
        return feed in self._behind

    def may_be_behind(self, feed: Feed) -> bool:
        """Whether `feed` has not been compared with the database since something called for it.
        Until then, some of its listeners may be people who have been removed."""
        return feed in self._behind or feed in self._to_compare or feed in self._being_read

    def unmark(self, feed: Feed) -> None:
        """Forget a feed that this process no longer has."""
        self._behind.discard(feed)
        self._to_compare.discard(feed)

    async def run(self) -> None:
        """Read marked feeds as soon as there are any. Runs until shutdown."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            ready = self._ready()
            self._behind.difference_update(ready)
            if not ready:
                continue
            self._being_read = set(ready)
            try:
                await self._read(ready)
            except Exception as error:
                self._behind.update(ready)
                await self._failed(error, ready)
            else:
                self._one_by_one = max(0, self._one_by_one - len(ready))
                for feed in ready:
                    self._backoff.succeed(feed.id)
            finally:
                self._being_read = set()
            if self._behind:
                self._wake.set()

    def _ready(self) -> list[Feed]:
        """The next feeds to read."""
        feeds = self._hub.feeds
        self._behind = {feed for feed in self._behind if feeds.get(feed.id) is feed}
        self._backoff.forget_except(feeds)
        # A feed that nobody uses keeps its mark: the next to join lacks the same events.
        readable = (
            feed
            for feed in self._behind
            if feed.in_use and feed.cursor is not None and self._backoff.is_ready(feed.id)
        )
        return list(islice(readable, 1 if self._one_by_one else MAX_IN_A_READ))

    async def _read(self, ready: list[Feed]) -> None:
        hub = self._hub
        found, more = await in_background_database(change_feed.behind, **cursors_of(ready))
        before = {feed: feed.cursor for feed in ready}
        hub.deliver(found)
        GAPS_HEALED.inc(sum(feed.cursor != cursor for feed, cursor in before.items()))
        self._behind.update(hub.feeds[id_] for id_ in more if id_ in hub.feeds)

    async def _failed(self, error: Exception, ready: list[Feed]) -> None:
        if unavailable(error):
            database_outages.failed(error)
            await asyncio.sleep(RETRY_AFTER_S)
        elif len(ready) > 1:
            # One of these feeds cannot be read. It must not delay the others.
            self._one_by_one = len(ready)
        else:
            self._one_by_one = max(0, self._one_by_one - 1)
            delay = self._backoff.fail(ready[0].stream, ready[0].id, error)
            self._hub.loop.call_later(delay, self._wake.set)


def unavailable(error: Exception) -> bool:
    """Whether PostgreSQL could not be asked at all. A statement that ran out of time was asked:
    the fault is then in the rows it reads."""
    return isinstance(error, OperationalError | InterfaceError) and not ran_out_of_time(error)


def ran_out_of_time(error: Exception) -> bool:
    """Whether PostgreSQL ended a statement after its time."""
    return isinstance(error.__cause__, QueryCanceled)


def cursors_of(feeds: list[Feed]) -> dict[str, dict[UUID, int]]:
    """The cursors of these feeds, as arguments of `change_feed.behind` and `positions`."""
    return {
        "chat_cursors": {f.id: f.cursor or 0 for f in feeds if f.stream == "chat"},
        "person_cursors": {f.id: f.cursor or 0 for f in feeds if f.stream == "person"},
    }
