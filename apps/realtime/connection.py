"""One live connection of one person, whatever transport carries it."""

from typing import TYPE_CHECKING
from uuid import UUID

from apps.accounts.queries.sessions import session_hash
from apps.core.bucket import Bucket
from apps.realtime.outgoing import EventBatch, Outgoing
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode
from apps.wire.events import Event

if TYPE_CHECKING:
    from apps.realtime.feed import Feed


class Connection:
    """Who is connected, and what they listen to."""

    __slots__ = (
        "away",
        "beat_at",
        "feeds",
        "outgoing",
        "person",
        "polls",
        "resumed",
        "resuming",
        "session_hash",
        "session_key",
        "watched",
    )

    def __init__(self, *, person: UUID, session_key: str, outgoing: Outgoing) -> None:
        self.person = person
        self.session_key = session_key
        self.session_hash = session_hash(session_key)
        self.outgoing = outgoing
        self.feeds: set[Feed] = set()
        self.watched: set[UUID] = set()
        self.resumed = False
        # Whether the command has come and is being carried out, the watching of contacts included.
        self.resuming = False
        self.away = False
        self.beat_at = outgoing.loop.time()
        # How often this connection is polled; what its person may do is counted in core.limits.
        self.polls = Bucket(rate=10, size=60)

    def send(self, event: Event) -> None:
        """Send one event to this connection alone."""
        self.outgoing.add(EventBatch([encode(event)]))

    def too_slow(self) -> None:
        """It cannot keep up: close it, so that it resumes from the database."""
        self.outgoing.close(CloseCode.TOO_SLOW)
