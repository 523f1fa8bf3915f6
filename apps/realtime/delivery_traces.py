"""Spans of the hub and of the writes to connections, for traced messages."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from apps.core.tracing import of, tracing

if TYPE_CHECKING:
    from opentelemetry.trace import Span


class DeliveryTraces:
    """The traced events that leave with the next flush of a process."""

    def __init__(self) -> None:
        self._hub: list[Span] = []
        self._writes: list[Span] = []

    def passed(self, traces: Iterable[str], *, connections: int) -> None:
        """The hub has passed on events with these contexts."""
        for trace in traces:
            attributes = {"parley.connections": connections}
            self._hub.append(tracing.begin("hub", trace, attributes=attributes))

    def flush_begins(self) -> None:
        """Writing to the connections begins."""
        hub, self._hub = self._hub, []
        for span in hub:
            self._writes.append(tracing.begin("write", of(span)))
            span.end()

    def flush_ended(self) -> None:
        """All connections that take more are written to."""
        writes, self._writes = self._writes, []
        for span in writes:
            span.end()
