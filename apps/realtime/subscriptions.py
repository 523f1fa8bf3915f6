"""The subscriptions of this process: those of the streams that it has, made and ended in batches.

Nothing counts them. A stream that was opened or forgotten is marked; when its turn comes, whether
the process has it then decides between subscribing and unsubscribing. So a stream that was
forgotten before its turn is never subscribed to, and one that failed is tried again.
"""

import asyncio
from collections.abc import Callable
from itertools import islice
from uuid import UUID

from apps.realtime.redis_outage import redis_outage
from apps.realtime.relay import Relay, group_of

Opened = Callable[[list[UUID]], None]

MAX_BATCH_SENDS = 1_000
RETRY_AFTER_S = 1.0


class Subscriptions:
    """Of the streams for whose ids `has` is true."""

    def __init__(self, has: Callable[[UUID], bool]) -> None:
        self._has = has
        # The kind of stream by its id.
        self._marked: dict[UUID, str] = {}
        self._some_marked = asyncio.Event()

    def mark(self, stream: str, id_: UUID) -> None:
        """The process has this stream since now, or no longer has it."""
        self._marked[id_] = stream
        self._some_marked.set()

    async def keep(self, relay: Relay, opened: Opened) -> None:
        """Subscribe and unsubscribe until shutdown. `opened` is called with the ids of the
        streams that are subscribed to since then: events may have been published before that."""
        while True:
            await self._some_marked.wait()
            part = dict(islice(self._marked.items(), MAX_BATCH_SENDS))
            for id_ in part:
                del self._marked[id_]
            if not self._marked:
                self._some_marked.clear()
            try:
                opened(await self._change(relay, part))
            except Exception as error:  # Redis is unavailable, in any of its ways
                redis_outage.failed(error)
                # A newer mark of the same stream stands: both say only that it changed.
                self._marked = part | self._marked
                self._some_marked.set()
                await asyncio.sleep(RETRY_AFTER_S)
            else:
                redis_outage.recovered()

    async def _change(self, relay: Relay, part: dict[UUID, str]) -> list[UUID]:
        had = [id_ for id_ in part if self._has(id_)]
        gone = part.keys() - set(had)
        await relay.unsubscribe([group_of(part[id_], id_) for id_ in gone])
        await relay.subscribe([group_of(part[id_], id_) for id_ in had])
        return had
