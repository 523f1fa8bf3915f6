"""One stream (a chat's or a person's) as this process knows it."""

from typing import TYPE_CHECKING
from uuid import UUID

from apps.realtime.outgoing import Burst
from apps.wire.publish import Stream

if TYPE_CHECKING:
    from apps.realtime.session import Session

# What may arrive for a connection while its own missed events are being read.
MOST_HELD = 5_000


class Feed:
    """The cursor of a stream and the connections that listen to it.

    `cursor` None: not read yet. A connection that is catching up stands in `joining` with what
    arrived since it began: nothing is lost between its reading and its listening.
    """

    __slots__ = ("cursor", "id", "joining", "listeners", "moved_at", "stream")

    def __init__(self, stream: Stream, id_: UUID) -> None:
        self.stream = stream
        self.id = id_
        self.cursor: int | None = None
        self.listeners: set[Session] = set()
        self.joining: dict[Session, list[tuple[int | None, str]]] = {}
        self.moved_at = 0.0

    @property
    def used(self) -> bool:
        """Whether any connection is here."""
        return bool(self.listeners or self.joining)

    def begin(self, session: "Session") -> None:
        """Hold for `session` what arrives from now on: nothing new before what it missed."""
        self.listeners.discard(session)
        self.joining[session] = []

    def join(self, session: "Session", rev: int) -> bool:
        """`session` has everything up to `rev`: give it what came later, then let it listen.

        Answers whether this feed's cursor is behind `rev`, so that it must be read.
        """
        held = self.joining.pop(session, [])
        later = [event for at, event in held if at is None or at > rev]
        if later:
            session.outgoing.add(Burst(later))
        self.listeners.add(session)
        if self.cursor is None:
            self.cursor = rev
        return self.cursor < rev

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
        """Pass events on to all who listen, joined once."""
        if self.listeners:
            burst = Burst([event for _, event in events])
            for session in self.listeners:
                session.outgoing.add(burst)
        for session, held in self.joining.items():
            held.extend(events)
            if len(held) > MOST_HELD:
                session.too_slow()
