"""One stream (a chat's or a person's) as this process knows it."""

from typing import TYPE_CHECKING
from uuid import UUID

from apps.realtime.outgoing import Burst, bursts
from apps.wire.publish import JoinChat, Stream

if TYPE_CHECKING:
    from apps.realtime.connection import Session

# What may arrive for a connection while its own missed events are being read.
MOST_HELD = 5_000
# A revision, and what came with it: an event, or a chat that the person has joined.
Held = tuple[int | None, str | JoinChat]


class Feed:
    """The cursor of a stream and the connections that listen to it.

    `cursor` is None until the first connection has read the stream. A connection that is catching
    up is in `joining`, with the events that arrived since it began: no event is lost between its
    read and its first live event.
    """

    __slots__ = ("cursor", "id", "joining", "known_from", "listeners", "moved_at", "stream")

    def __init__(self, stream: Stream, id_: UUID) -> None:
        self.stream = stream
        self.id = id_
        self.cursor: int | None = None
        # The first cursor. Events up to it were not held for anybody: there was no cursor to tell
        # which of them are new.
        self.known_from = 0
        self.listeners: set[Session] = set()
        self.joining: dict[Session, list[Held]] = {}
        self.moved_at = 0.0

    @property
    def used(self) -> bool:
        """Whether any connection is here."""
        return bool(self.listeners or self.joining)

    def begin(self, session: "Session") -> None:
        """Hold for `session` what arrives from now on: nothing new before what it missed."""
        self.listeners.discard(session)
        self.joining[session] = []

    def join(self, session: "Session", rev: int, now: float) -> list[JoinChat] | None:
        """`session` has everything up to `rev`: give it the later events, then let it listen.

        Returns the chats that it joins by what was held. Returns None, and changes nothing, when
        some of the later events were not held: the session must read them first. This happens to
        the older of two snapshots of a stream that nobody had read.
        """
        if self.cursor is None:
            self.cursor = self.known_from = rev
            # The next heartbeats name this stream.
            self.moved_at = now
        elif rev < self.known_from:
            return None
        held = self.joining.pop(session, [])
        later = [item for at, item in held if at is None or at > rev]
        for burst in bursts([item for item in later if isinstance(item, str)]):
            session.outgoing.add(burst)
        self.listeners.add(session)
        return [item for item in later if isinstance(item, JoinChat)]

    def hold(self, session: "Session", rev: int | None, joins: JoinChat) -> None:
        """Let `session` into a chat when it has read this stream up to `rev`."""
        self.joining[session].append((rev, joins))

    def leave(self, session: "Session") -> None:
        """`session` is gone."""
        self.listeners.discard(session)
        self.joining.pop(session, None)

    def whisper(self, event: str) -> None:
        """Pass something fleeting on to those who listen and keep up."""
        burst = Burst([event])
        for session in self.listeners:
            if not session.outgoing.busy:
                session.outgoing.add(burst)

    def send(self, events: list[tuple[int | None, str]]) -> None:
        """Pass events on to all who listen, joined once for all of them."""
        if self.listeners:
            # Nearly always one. Healing may bring a megabyte.
            for burst in bursts([event for _, event in events]):
                for session in self.listeners:
                    session.outgoing.add(burst)
        for session, held in self.joining.items():
            held.extend(events)
            if len(held) > MOST_HELD:
                session.too_slow()
