"""One live connection of one person, whatever transport carries it."""

from typing import TYPE_CHECKING
from uuid import UUID

from apps.accounts.queries.sessions import session_hash
from apps.realtime.bucket import Bucket
from apps.realtime.outgoing import Burst, Outgoing
from apps.wire.closing import CloseCode
from apps.wire.codec import encode
from apps.wire.events import Event

if TYPE_CHECKING:
    from apps.realtime.feed import Feed


class Session:
    """Who is connected, what they listen to, and how much they may still ask for."""

    __slots__ = (
        "away",
        "beat_at",
        "commands",
        "feeds",
        "outgoing",
        "person",
        "resumed",
        "resuming",
        "sends",
        "session_hash",
        "session_key",
        "typed",
        "watched",
    )

    def __init__(
        self, *, person: UUID, session_key: str, outgoing: Outgoing, sends_per_second: int
    ) -> None:
        self.person = person
        self.session_key = session_key
        self.session_hash = session_hash(session_key)
        self.outgoing = outgoing
        self.feeds: set[Feed] = set()
        self.watched: set[UUID] = set()
        self.resumed = False
        # Whether the command has come and is being carried out.
        self.resuming = False
        self.away = False
        # When this connection last told each chat that the person is writing.
        self.typed: dict[UUID, float] = {}
        self.beat_at = 0.0
        # A hand may write a burst; a second of quiet gives it back.
        self.sends = Bucket(rate=sends_per_second, size=sends_per_second * 3)
        self.commands = Bucket(rate=10, size=60)

    def send(self, event: Event) -> None:
        """Send one event to this connection alone."""
        self.outgoing.add(Burst([encode(event)]))

    def too_slow(self) -> None:
        """It cannot keep up: close it, so that it resumes from the database."""
        self.outgoing.close(CloseCode.TOO_SLOW)
