"""One stream (a chat's or a person's) as this process knows it."""

from typing import TYPE_CHECKING
from uuid import UUID

from apps.realtime.outgoing import EventBatch, batches
from apps.wire.publish import JoinChat, Stream

if TYPE_CHECKING:
    from apps.realtime.connection import Connection

# What may arrive for a connection while its own missed events are being read.
MAX_HELD = 5_000
# A revision, and what came with it: an event, or a chat that the person has joined.
HeldItem = tuple[int | None, str | JoinChat]


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
        # The first cursor. Events up to it were not held for anybody: there was no cursor to tell
        # which of them are new.
        self.first_cursor = 0
        self.listeners: set[Connection] = set()
        self.joining: dict[Connection, list[HeldItem]] = {}
        self.moved_at = 0.0

    @property
    def in_use(self) -> bool:
        """Whether any connection is here."""
        return bool(self.listeners or self.joining)

    def hold(self, connection: "Connection") -> None:
        """Hold for `connection` what arrives from now on: nothing new before what it missed."""
        self.listeners.discard(connection)
        self.joining[connection] = []

    def join(self, connection: "Connection", rev: int, now: float) -> list[JoinChat] | None:
        """`connection` has everything up to `rev`: give it the later events, then let it listen.

        Returns the chats that it joins by what was held. Returns None, and changes nothing, when
        some of the later events were not held: the connection must read them first. This happens to
        the older of two snapshots of a stream that nobody had read.
        """
        if self.cursor is None:
            self.cursor = self.first_cursor = rev
            # The next heartbeats name this stream.
            self.moved_at = now
        elif rev < self.first_cursor:
            return None
        held = self.joining.pop(connection, [])
        later = [item for at, item in held if at is None or at > rev]
        for batch in batches([item for item in later if isinstance(item, str)]):
            connection.outgoing.add(batch)
        self.listeners.add(connection)
        return [item for item in later if isinstance(item, JoinChat)]

    def hold_join(self, connection: "Connection", rev: int | None, joins: JoinChat) -> None:
        """Let `connection` into a chat when it has read this stream up to `rev`."""
        self.joining[connection].append((rev, joins))

    def leave(self, connection: "Connection") -> None:
        """`connection` is gone."""
        self.listeners.discard(connection)
        self.joining.pop(connection, None)

    def send_ephemeral(self, event: str) -> None:
        """Pass something ephemeral on to those who listen and keep up."""
        batch = EventBatch([event])
        for connection in self.listeners:
            if not connection.outgoing.busy:
                connection.outgoing.add(batch)

    def send(self, events: list[tuple[int | None, str]]) -> None:
        """Pass events on to all who listen, joined once for all of them."""
        if self.listeners:
            # Nearly always one. Healing may bring a megabyte.
            for batch in batches([event for _, event in events]):
                for connection in self.listeners:
                    connection.outgoing.add(batch)
        for connection, held in self.joining.items():
            held.extend(events)
            if len(held) > MAX_HELD:
                connection.too_slow()
