"""When a stream that cannot be read is tried again: later and later."""

import asyncio
import logging
from collections.abc import Container
from uuid import UUID

logger = logging.getLogger(__name__)

FIRST_DELAY_S = 5.0
MAX_DELAY_S = 300.0


class Backoff:
    """Streams that could not be read, by id. The delay doubles with each failure."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # Until when a stream is left alone, and for how long that was.
        self._parked: dict[UUID, tuple[float, float]] = {}

    def is_ready(self, id_: UUID) -> bool:
        """Whether the stream may be read now."""
        return self._parked.get(id_, (0.0, 0.0))[0] <= self._loop.time()

    def fail(self, stream: str, id_: UUID, error: Exception) -> float:
        """Leave an unreadable stream alone for a while; returns for how many seconds."""
        now = self._loop.time()
        until, delay = self._parked.get(id_, (0.0, 0.0))
        if until > now:  # several connections may wait for one stream
            return until - now
        if delay:
            delay = min(delay * 2, MAX_DELAY_S)
        else:
            delay = FIRST_DELAY_S
            logger.error("%s %s cannot be read; it is parked", stream, id_, exc_info=error)
        self._parked[id_] = (now + delay, delay)
        return delay

    def succeed(self, id_: UUID) -> None:
        """Forget the failures of a stream that was read."""
        self._parked.pop(id_, None)

    def forget_except(self, ids: Container[UUID]) -> None:
        """Forget the failures of all streams but these."""
        self._parked = {id_: at for id_, at in self._parked.items() if id_ in ids}
