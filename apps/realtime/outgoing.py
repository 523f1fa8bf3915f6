"""Writing to connections: directly, several events in one frame when several are there.

No queue stands between the hub and a connection. What one round of the event loop brings for a
connection leaves in one frame at the end of that round. While the peer does not read, a bounded
amount is kept; beyond it the connection is closed and the client resumes from PostgreSQL.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from apps.wire.closing import CloseCode

# What one peer that stopped reading may cost, beside the kernel's and the server's own buffers.
MOST_CHARACTERS = 512 * 1024


class Line(Protocol):
    """How one transport writes. What is handed out is stepped, not awaited: a coroutine that ends
    in its first step when the peer can take more."""

    def write(self, frame: str) -> Awaitable[None]:
        """Write one frame: an event, or an array of events."""

    def end(self, code: CloseCode) -> Awaitable[None]:
        """Say why this is the end, and end."""


class Burst:
    """Encoded events that belong together, joined once for all connections they go to."""

    __slots__ = ("events", "frame")

    def __init__(self, encoded: Sequence[str]) -> None:
        self.events = ",".join(encoded)
        self.frame = self.events if len(encoded) == 1 else f"[{self.events}]"


class Round:
    """The connections that the present round of the event loop has something for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._touched: list[Outgoing] = []

    def touch(self, outgoing: "Outgoing") -> None:
        """Have `outgoing` flushed when everything that is ready now has run."""
        if not self._touched:
            self.loop.call_soon(self._flush)
        self._touched.append(outgoing)

    def _flush(self) -> None:
        touched, self._touched = self._touched, []
        for outgoing in touched:
            outgoing.flush()


class Outgoing:
    """The sending side of one connection; all methods belong to the event loop's thread."""

    __slots__ = ("_held", "_line", "_round", "_writing", "closed", "wrote_at")

    def __init__(self, line: Line, round_: Round) -> None:
        self._line = line
        self._round = round_
        self._held: list[Burst] = []
        self._writing = False
        self.closed = False
        self.wrote_at = round_.loop.time()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop this connection belongs to."""
        return self._round.loop

    @property
    def busy(self) -> bool:
        """Whether the peer has not yet read what was written."""
        return self._writing

    def add(self, burst: Burst) -> None:
        """Send `burst` at the end of this round, or as soon as the peer reads again."""
        if self.closed:
            return
        if not self._held and not self._writing:
            self._round.touch(self)
        self._held.append(burst)
        if self._writing and sum(len(held.events) for held in self._held) > MOST_CHARACTERS:
            self.close(CloseCode.TOO_SLOW)

    def flush(self) -> None:
        """Write what is held, in one frame."""
        if not self._held or self._writing or self.closed:
            return
        if len(self._held) == 1:
            frame = self._held[0].frame
        else:
            frame = f"[{','.join(burst.events for burst in self._held)}]"
        self._held.clear()
        self._writing = True
        self.wrote_at = self.loop.time()
        self._step(self._line.write(frame))

    def close(self, code: CloseCode) -> None:
        """Close with `code`, once; what is held is dropped and nothing more is written."""
        if self.closed:
            return
        self.closed = True
        self._held.clear()
        self._step(self._line.end(code))

    def _step(self, writing: Any) -> None:
        # A write into a buffer with room ends in its first step, so a fan-out needs neither a
        # task nor a switch for each socket. One that must wait hands out what it waits for, as it
        # would to a task (PEP 492, asyncio's Future.__await__).
        try:
            waits_for = writing.send(None)
        except StopIteration:
            self._writing = False
            if self._held:
                self._round.touch(self)
        except Exception:
            # The peer is gone; the receiving side is told the same and cleans up.
            self.closed = True
            self._held.clear()
        else:
            waits_for._asyncio_future_blocking = False
            waits_for.add_done_callback(lambda _: self._step(writing))
