"""Writing to connections: directly, with several events in one frame when several are ready.

No queue stands between the hub and a connection. The events that one iteration of the event loop
brings for a connection leave at its end in one frame, or in several if they exceed a frame. While
the peer does not read, a bounded amount is buffered; beyond it the connection is closed and the
client resumes from PostgreSQL.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, Protocol

from apps.core.metrics import DELIVERY
from apps.core.tracing import tracing
from apps.realtime.delivery_traces import DeliveryTraces
from apps.wire.close_codes import CloseCode

# Limit of one peer that stopped reading; the buffers of the kernel and of the server come on top.
MAX_BUFFERED_CHARACTERS = 512 * 1024
# Where a frame ends; a single longer event is a frame of its own. A slow network carries a frame in
# about a second, so that the server's pings, which wait behind it, are answered in time.
FRAME_CHARACTERS = 64 * 1024

logger = logging.getLogger(__name__)


class Transport(Protocol):
    """How one transport writes. `Outgoing` runs the returned coroutine to its first wait without a
    task: it ends there when the peer can take more. `name`: what the metrics call it."""

    name: str

    def write(self, frame: str) -> Awaitable[None]:
        """Write one frame: an event, or an array of events."""

    def close(self, code: CloseCode) -> Awaitable[None]:
        """Tell the peer the reason, and end."""


class EventBatch:
    """Encoded events that belong together, joined once for all connections that get them."""

    __slots__ = ("events", "frame")

    def __init__(self, encoded: Sequence[str]) -> None:
        self.events = ",".join(encoded)
        self.frame = self.events if len(encoded) == 1 else f"[{self.events}]"


def batches(encoded: Sequence[str]) -> Iterator[EventBatch]:
    """These events in order, lazily, in as few batches as fit into one frame each."""
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
    """Flushes connections at the end of the event loop's current iteration."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._scheduled: list[Outgoing] = []
        # The frame of the last batches that were joined: connections that listen to the same
        # chats get the same batches.
        self._joined: tuple[list[EventBatch], str] = ([], "")
        # When the transactions whose events leave with the next flush were committed.
        self._committed: set[float] = set()
        # Exists while tracing is on.
        self._traces: DeliveryTraces | None = None

    def schedule(self, outgoing: "Outgoing") -> None:
        """Flush `outgoing` once everything that is ready now has run."""
        if not self._scheduled:
            self.loop.call_soon(self._flush)
        self._scheduled.append(outgoing)

    def measure(self, committed: set[float], traces: list[str]) -> None:
        """Note how long the events of these transactions took, once they are written: 0 is none.
        And follow those with a trace context."""
        if not self._scheduled:
            return
        self._committed |= committed
        if traces and tracing.on:
            self._traces = self._traces or DeliveryTraces()
            self._traces.passed(traces, connections=len(self._scheduled))

    def joined(self, batches: list[EventBatch]) -> str:
        """The frame of several batches, built once for connections that get the same ones."""
        known, frame = self._joined
        if batches != known:
            frame = f"[{','.join([batch.events for batch in batches])}]"
            self._joined = batches, frame
        return frame

    def _flush(self) -> None:
        scheduled, self._scheduled = self._scheduled, []
        if self._traces is not None:
            self._traces.flush_begins()
        for outgoing in scheduled:
            # One broken connection must not stop the rest.
            try:
                outgoing.flush()
            except Exception:
                logger.exception("a connection could not be written to and is closed")
                outgoing.abort()
        self._joined = [], ""
        self._observe()

    def _observe(self) -> None:
        if self._traces is not None:
            self._traces.flush_ended()
        committed, self._committed = self._committed, set()
        now = time.time()
        for at in committed:
            if at:
                # Clocks of two machines differ.
                DELIVERY.observe(max(0.0, now - at))


class Outgoing:
    """The sending side of one connection. All methods belong to the event loop's thread."""

    __slots__ = (
        "_buffer",
        "_buffered",
        "_drained",
        "_flusher",
        "_transport",
        "_writing",
        "closed",
    )

    def __init__(self, transport: Transport, flusher: Flusher) -> None:
        self._transport = transport
        self._flusher = flusher
        # A list: an empty deque takes 0.7 KiB of each connection.
        self._buffer: list[EventBatch] = []
        # Characters in `_buffer`.
        self._buffered = 0
        # Set once all is written; exists only while `drain` waits for it.
        self._drained: asyncio.Future[None] | None = None
        self._writing = False
        self.closed = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop this connection belongs to."""
        return self._flusher.loop

    @property
    def transport(self) -> str:
        """The name of the transport."""
        return self._transport.name

    @property
    def busy(self) -> bool:
        """Whether the peer has not yet read what was written."""
        return self._writing

    def add(self, batch: EventBatch) -> None:
        """Send `batch` at the end of this iteration, or as soon as the peer reads again."""
        if self.closed:
            return
        if not self._buffer and not self._writing:
            self._flusher.schedule(self)
        self._buffer.append(batch)
        self._buffered += len(batch.events)
        if self._writing and self._buffered > MAX_BUFFERED_CHARACTERS:
            self.close(CloseCode.TOO_SLOW)

    def flush(self) -> None:
        """Write the buffer, in as few frames as possible, as far as the peer reads."""
        while self._buffer and not self._writing and not self.closed:
            frame = self._next_frame()
            self._writing = True
            self._step(self._transport.write(frame))

    async def drain(self) -> None:
        """Return when everything is written and the peer can take more, or it is closed."""
        while (self._buffer or self._writing) and not self.closed:
            self._drained = self.loop.create_future()
            await self._drained

    def close(self, code: CloseCode) -> None:
        """Close with `code`, once. The buffer is dropped."""
        if self.closed:
            return
        self.abort()
        self._step(self._transport.close(code))

    def abort(self) -> None:
        """Drop the buffer and write nothing more: the peer is gone, or will be closed."""
        self.closed = True
        self._buffer.clear()
        self._buffered = 0
        self._wake_drain()

    def _next_frame(self) -> str:
        first, count = self._buffer[0], 1
        size = len(first.events)
        for batch in self._buffer[1:]:
            if size + len(batch.events) > FRAME_CHARACTERS:
                break
            count += 1
            size += len(batch.events)
        frame = first.frame if count == 1 else self._flusher.joined(self._buffer[:count])
        del self._buffer[:count]
        self._buffered -= size
        return frame

    def _wake_drain(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def _step(self, writing: Any) -> None:
        # A write into a buffer with room ends in its first step, so a fan-out needs neither a task
        # nor a switch for each socket. A write that must wait yields the future it waits for, as it
        # would to a task (PEP 492, asyncio's Future.__await__).
        try:
            waits_for = writing.send(None)
        except StopIteration:
            self._writing = False
            if not self._buffer:
                self._wake_drain()
        except Exception:
            # The peer is gone; the receiving side learns the same and cleans up.
            self.abort()
        else:
            waits_for._asyncio_future_blocking = False
            waits_for.add_done_callback(lambda _: self._continue(writing))

    def _continue(self, writing: Any) -> None:
        self._step(writing)
        if self._buffer and not self._writing:
            self._flusher.schedule(self)
