"""Writing to connections: directly, several events in one frame when several are there.

No queue stands between the hub and a connection. What one round of the event loop brings for a
connection leaves in one frame at the end of that round, or in several where it is more than a frame
holds. While the peer does not read, a bounded amount is kept; beyond it the connection is closed
and the client resumes from PostgreSQL.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, Protocol

from apps.wire.close_codes import CloseCode

# What one peer that stopped reading may cost, beside the kernel's and the server's own buffers.
MAX_BUFFERED_CHARACTERS = 512 * 1024
# Where a frame ends; a single longer event is a frame of its own. A slow line carries one in about
# a second, so that the server's pings, which wait behind it, are answered in time.
FRAME_CHARACTERS = 64 * 1024

logger = logging.getLogger(__name__)


class Transport(Protocol):
    """How one transport writes. What is handed out is stepped, not awaited: a coroutine that ends
    in its first step when the peer can take more."""

    def write(self, frame: str) -> Awaitable[None]:
        """Write one frame: an event, or an array of events."""

    def close(self, code: CloseCode) -> Awaitable[None]:
        """Say why this is the end, and end."""


class EventBatch:
    """Encoded events that belong together, joined once for all connections they go to."""

    __slots__ = ("events", "frame")

    def __init__(self, encoded: Sequence[str]) -> None:
        self.events = ",".join(encoded)
        self.frame = self.events if len(encoded) == 1 else f"[{self.events}]"


def batches(encoded: Sequence[str]) -> Iterator[EventBatch]:
    """These events in order, in as few frames as they fit into; each is made when asked for."""
    part: list[str] = []
    size = 0
    for event in encoded:
        if part and size + len(event) > FRAME_CHARACTERS:
            yield EventBatch(part)
            part, size = [], 0
        part.append(event)
        size += len(event)
    if part:
        yield EventBatch(part)


class Flusher:
    """The connections that the present round of the event loop has something for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._scheduled: list[Outgoing] = []

    def schedule(self, outgoing: "Outgoing") -> None:
        """Have `outgoing` flushed when everything that is ready now has run."""
        if not self._scheduled:
            self.loop.call_soon(self._flush)
        self._scheduled.append(outgoing)

    def _flush(self) -> None:
        scheduled, self._scheduled = self._scheduled, []
        for outgoing in scheduled:
            # One broken connection must not keep this round from the others.
            try:
                outgoing.flush()
            except Exception:
                logger.exception("a connection could not be written to and is closed")
                outgoing.abort()


class Outgoing:
    """The sending side of one connection; all methods belong to the event loop's thread."""

    __slots__ = (
        "_buffer",
        "_buffered",
        "_flusher",
        "_transport",
        "_waiting",
        "_writing",
        "closed",
        "wrote_at",
    )

    def __init__(self, transport: Transport, flusher: Flusher) -> None:
        self._transport = transport
        self._flusher = flusher
        self._buffer: deque[EventBatch] = deque()
        # Characters in `_buffer`.
        self._buffered = 0
        # Set when all is written, while somebody waits for that.
        self._waiting: asyncio.Future[None] | None = None
        self._writing = False
        self.closed = False
        self.wrote_at = flusher.loop.time()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop this connection belongs to."""
        return self._flusher.loop

    @property
    def busy(self) -> bool:
        """Whether the peer has not yet read what was written."""
        return self._writing

    def add(self, batch: EventBatch) -> None:
        """Send `batch` at the end of this round, or as soon as the peer reads again."""
        if self.closed:
            return
        if not self._buffer and not self._writing:
            self._flusher.schedule(self)
        self._buffer.append(batch)
        self._buffered += len(batch.events)
        if self._writing and self._buffered > MAX_BUFFERED_CHARACTERS:
            self.close(CloseCode.TOO_SLOW)

    def flush(self) -> None:
        """Write what is held, in as few frames as it fits into, as far as the peer reads."""
        while self._buffer and not self._writing and not self.closed:
            frame = self._next_frame()
            self._writing = True
            self.wrote_at = self.loop.time()
            self._step(self._transport.write(frame))

    async def drain(self) -> None:
        """Return when everything has been written and the peer can take more, or it is closed."""
        while (self._buffer or self._writing) and not self.closed:
            self._waiting = self.loop.create_future()
            await self._waiting

    def close(self, code: CloseCode) -> None:
        """Close with `code`, once; what is held is dropped and nothing more is written."""
        if self.closed:
            return
        self.abort()
        self._step(self._transport.close(code))

    def abort(self) -> None:
        """The peer is gone, or is to be: nothing more is written."""
        self.closed = True
        self._buffer.clear()
        self._buffered = 0
        self._wake()

    def _next_frame(self) -> str:
        first = self._buffer.popleft()
        self._buffered -= len(first.events)
        if not self._buffer:
            return first.frame
        parts, size = [first.events], len(first.events)
        while self._buffer and size + len(self._buffer[0].events) <= FRAME_CHARACTERS:
            parts.append(self._buffer.popleft().events)
            size += len(parts[-1])
        self._buffered -= size - len(first.events)
        return first.frame if len(parts) == 1 else f"[{','.join(parts)}]"

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _step(self, writing: Any) -> None:
        # A write into a buffer with room ends in its first step, so a fan-out needs neither a
        # task nor a switch for each socket. One that must wait hands out what it waits for, as it
        # would to a task (PEP 492, asyncio's Future.__await__).
        try:
            waits_for = writing.send(None)
        except StopIteration:
            self._writing = False
            if not self._buffer:
                self._wake()
        except Exception:
            # The peer is gone; the receiving side is told the same and cleans up.
            self.abort()
        else:
            waits_for._asyncio_future_blocking = False
            waits_for.add_done_callback(lambda _: self._continue(writing))

    def _continue(self, writing: Any) -> None:
        self._step(writing)
        if self._buffer and not self._writing:
            self._flusher.schedule(self)
