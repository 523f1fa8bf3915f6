"""Keeps this process subscribed, in the channel layer, to the streams that it has.

Subscriptions are not counted. A stream that was opened or forgotten is marked; when its turn comes,
it is subscribed or unsubscribed depending on whether the process has it then. So a stream that was
forgotten before its turn is never subscribed, and a failed batch is tried again.
"""

import asyncio
from collections.abc import Callable
from itertools import islice
from uuid import UUID

from apps.realtime.background import check_cancelled
from apps.realtime.redis_outage import redis_outage
from apps.realtime.relay import Relay, group_of

OnSubscribed = Callable[[list[UUID]], None]

MAX_IN_A_BATCH = 1_000
RETRY_AFTER_S = 1.0


class Subscriptions:
    """Subscriptions to the streams whose id is in use by `has`."""

    def __init__(self, has: Callable[[UUID], bool]) -> None:
        self._has = has
        # The kind of stream by its id.
        self._marked: dict[UUID, str] = {}
        self._some_marked = asyncio.Event()

    def mark(self, stream: str, id_: UUID) -> None:
        """Note that this process has opened or forgotten a stream."""
        self._marked[id_] = stream
        self._some_marked.set()

    async def run(self, relay: Relay, on_subscribed: OnSubscribed) -> None:
        """Subscribe and unsubscribe marked streams until shutdown. `on_subscribed` gets the ids of
        newly subscribed streams: events may have been published before the subscription stood."""
        while True:
            await self._some_marked.wait()
            part = dict(islice(self._marked.items(), MAX_IN_A_BATCH))
            for id_ in part:
                del self._marked[id_]
            if not self._marked:
                self._some_marked.clear()
            try:
                on_subscribed(await self._change(relay, part))
            except Exception as error:  # each of the errors of an unavailable Redis
                check_cancelled()
                redis_outage.failed(error)
                # A newer mark of the same stream wins, but both say only that it changed.
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
