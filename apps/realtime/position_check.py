"""Compares all cursors of this process with PostgreSQL, and notices another epoch, or a server that
was promoted."""

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
from apps.wire.epochs import Line

logger = logging.getLogger(__name__)

CHECK_INTERVAL_S = 5.0
MAX_IN_A_CHECK = 5_000


class PositionCheck:
    """Finds changes whose hint was lost, restored backups (docs/decisions/0019), and replicas that
    were promoted (docs/decisions/0096)."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # Whether commits may be gone, and no new epoch could be begun yet.
        self._history_is_lost = False
        # The line of history that the server wrote at the last check.
        self._line: Line | None = None

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
        if self._history_is_lost:
            await self._begin_epoch()
        feeds = [feed for feed in hub.feeds.values() if feed.cursor is not None]
        # At least once, even without a feed: the same read brings the epoch.
        for start in range(0, max(1, len(feeds)), MAX_IN_A_CHECK):
            part = feeds[start : start + MAX_IN_A_CHECK]
            found = await in_background_database(change_feed.positions, **cursors_of(part))
            before, self._line = self._line, self._newer(found.line)
            if self._set_epoch(found.line.epoch):
                return
            if found.head_below_cursor or self._may_lack_commits(before):
                logger.error("PostgreSQL has lost committed changes: a new epoch begins")
                self._history_is_lost = True
                await self._begin_epoch()
                return
            for id_ in found.moved:
                feed = hub.feeds.get(id_)
                if feed is not None:
                    hub.healer.mark(feed)

    def _newer(self, found: Line) -> Line | None:
        """The line to remember. A standby writes none."""
        return found if found.timeline else self._line

    def _may_lack_commits(self, before: Line | None) -> bool:
        """Whether another server has been promoted since the check `before`, to which not every
        commit had to be copied before it was acknowledged."""
        if before is None or self._line is None or before.timeline == self._line.timeline:
            return False
        logger.warning("PostgreSQL: timeline %s follows %s", self._line.timeline, before.timeline)
        return not before.synchronous

    async def _begin_epoch(self) -> None:
        self._set_epoch(await in_background_database(epochs.begin, after=self._hub.epoch))
        self._history_is_lost = False

    def _set_epoch(self, epoch: UUID | None) -> bool:
        """Remember the epoch. Returns True after a reset: the epoch is a new one."""
        known, self._hub.epoch = self._hub.epoch, epoch or self._hub.epoch
        if known in (None, self._hub.epoch):
            return False
        logger.warning("epoch %s follows %s: all connections start over", epoch, known)
        self._history_is_lost = False
        self._hub.reset()
        return True
