"""Compares all cursors of this process with PostgreSQL, and notices another epoch."""

import asyncio
import logging
from uuid import UUID

from django.db import Error

from apps.core.database import database_outages
from apps.realtime import change_feed
from apps.realtime.database import in_background_database
from apps.realtime.healer import cursors_of
from apps.realtime.hub import Hub
from apps.wire import epochs

logger = logging.getLogger(__name__)

CHECK_INTERVAL_S = 5.0
MAX_IN_A_CHECK = 5_000


class PositionCheck:
    """Finds changes whose hint was lost, and restored backups (docs/decisions/0019)."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # Whether a head was below its cursor and no new epoch could be begun yet.
        self._head_was_below_cursor = False

    async def run(self) -> None:
        """Check every few seconds until shutdown."""
        while True:
            try:
                await self.check()
            except Error as error:
                database_outages.failed(error)
            await asyncio.sleep(CHECK_INTERVAL_S)

    async def check(self) -> None:
        """Mark the feeds that are behind. Reset the hub when the epoch has changed, and begin a new
        epoch when committed changes are gone."""
        hub = self._hub
        if self._head_was_below_cursor:
            await self._begin_epoch()
        feeds = [feed for feed in hub.feeds.values() if feed.cursor is not None]
        # At least once, even without a feed: the same read brings the epoch.
        for start in range(0, max(1, len(feeds)), MAX_IN_A_CHECK):
            part = feeds[start : start + MAX_IN_A_CHECK]
            found = await in_background_database(change_feed.positions, **cursors_of(part))
            if self._set_epoch(found.epoch):
                return
            if found.head_below_cursor:
                logger.error("PostgreSQL has lost committed changes: a new epoch begins")
                self._head_was_below_cursor = True
                await self._begin_epoch()
                return
            for id_ in found.moved:
                feed = hub.feeds.get(id_)
                if feed is not None:
                    hub.healer.mark(feed)

    async def _begin_epoch(self) -> None:
        self._set_epoch(await in_background_database(epochs.begin, after=self._hub.epoch))
        self._head_was_below_cursor = False

    def _set_epoch(self, epoch: UUID | None) -> bool:
        """Remember the epoch. Returns True after a reset: the epoch is a new one."""
        known, self._hub.epoch = self._hub.epoch, epoch or self._hub.epoch
        if known in (None, self._hub.epoch):
            return False
        logger.warning("epoch %s follows %s: all connections start over", epoch, known)
        self._head_was_below_cursor = False
        self._hub.reset()
        return True
