"""One stream (a chat's or a person's) as this process knows it."""

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from apps.realtime.outgoing import EventBatch, batches
from apps.wire.publish import JoinChat, Stream

if TYPE_CHECKING:
    from apps.realtime.connection import Connection

# How many events may arrive for a connection while its own missed events are being read.
MAX_HELD = 5_000
# A revision and what arrived with it: an event, or a chat that the person joined.
HeldItem = tuple[int | None, str | JoinChat]


class Ephemeral(NamedTuple):
    """An encoded event, and the people who do not get it."""

    event: str
    without: frozenset[UUID] = frozenset()


class Feed:
    """The cursor of a stream and the connections that listen to it.

    `cursor` is None until the first connection has read the stream. A connection that is catching
    up is in `joining`, with the events that arrived since it began: no event is lost between its
    read and its first live event.
    """

    __slots__ = ("cursor", "first_cursor", "id", "joining", "listeners", "moved_at", "stream")

    def __init__(self, stream: Stream, id_: UUID) -> None:
        self.stream = stream
        self.id = id_
        self.cursor: int | None = None
        # Events up to the first cursor were not held for every connection: without a cursor,
        # nothing told which of them were new, and a cursor that was behind leapt over them.
        self.first_cursor = 0
        self.listeners: set[Connection] = set()
        self.joining: dict[Connection, list[HeldItem]] = {}
        self.moved_at = 0.0

    @property
    def in_use(self) -> bool:
        """Whether any connection listens or is about to."""
        return bool(self.listeners or self.joining)

    @property
    def connections(self) -> "list[Connection]":
        """The connections that listen or are about to."""
        return [*self.listeners, *self.joining]

    def hold(self, connection: "Connection") -> None:
        """Hold events for `connection` from now on; it gets them after the events it missed."""
        self.listeners.discard(connection)
        self.joining[connection] = []

    def join(self, connection: "Connection", rev: int, now: float) -> list[JoinChat] | None:
        """Send `connection`, which has everything up to `rev`, the held events, then let it listen.

        Returns the chats that the held events make it join. Returns None, and changes nothing, when
        some events after `rev` were not held: the connection must read them first. This happens to
        the older of two snapshots of a stream that no connection listened to.
        """
        if self.cursor is None:
            self.cursor = self.first_cursor = rev
            # The next heartbeats include this stream.
            self.moved_at = now
        elif rev < self.first_cursor:
            return None
        elif rev > self.cursor and not self.listeners:
            # No other connection needs the events up to `rev` from here, and `connection` has them:
            # one that joins with an older snapshot reads them itself.
            self.cursor = self.first_cursor = rev
            self.moved_at = now
        held = self.joining.pop(connection, [])
        later = [item for at, item in held if at is None or at > rev]
        for batch in batches([item for item in later if isinstance(item, str)]):
            connection.outgoing.add(batch)
        self.listeners.add(connection)
        return [item for item in later if isinstance(item, JoinChat)]

    def hold_join(self, connection: "Connection", rev: int | None, effect: JoinChat) -> None:
        """Let `connection` join a chat only once it has read this stream up to `rev`."""
        self.joining[connection].append((rev, effect))

    def leave(self, connection: "Connection") -> None:
        """Stop sending to `connection` and drop what was held for it."""
        self.listeners.discard(connection)
        self.joining.pop(connection, None)

    def send_ephemeral(self, events: list[Ephemeral]) -> None:
        """Send ephemeral events to the listeners that keep up and may get them; skip slow ones."""
        batch = EventBatch([each.event for each in events])
        partly = frozenset[UUID]().union(*(each.without for each in events))
        for connection in self.listeners:
            if connection.outgoing.busy:
                continue
            if connection.person not in partly:
                connection.outgoing.add(batch)
            elif rest := [each.event for each in events if connection.person not in each.without]:
                connection.outgoing.add(EventBatch(rest))

    def send(self, events: list[tuple[int | None, str]]) -> None:
        """Send events, joined once for all listeners, and hold them for joining connections."""
        if self.listeners:
            # Nearly always one batch; healing may bring a megabyte.
            for batch in batches([event for _, event in events]):
                for connection in self.listeners:
                    connection.outgoing.add(batch)
        for connection, held in self.joining.items():
            held.extend(events)
            if len(held) > MAX_HELD:
                connection.close_slow()
