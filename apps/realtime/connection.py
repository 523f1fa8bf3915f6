"""One live connection of one person, whatever transport carries it."""

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from apps.accounts.queries.sessions import session_hash
from apps.core import context
from apps.realtime.outgoing import EventBatch, Outgoing
from apps.wire.close_codes import CloseCode
from apps.wire.codec import encode
from apps.wire.events import Event, Reconnect

if TYPE_CHECKING:
    from apps.realtime.announced import Announced
    from apps.realtime.feed import Feed


class Client(NamedTuple):
    """The program at the other end: its User-Agent header, and its address for limits."""

    agent: str = ""
    address: str = ""


NO_CLIENT = Client()


class Connection:
    """A person's connection, in one web session, and the feeds it listens to. `scopes`: what the
    token of a bot covers; None for everything."""

    __slots__ = (
        "announced",
        "away",
        "blocked",
        "client",
        "contact_changes",
        "feeds",
        "heartbeat_at",
        "id",
        "leaving",
        "outgoing",
        "person",
        "resumed",
        "resuming",
        "scopes",
        "session_hash",
        "session_key",
        "watched",
    )

    def __init__(
        self,
        *,
        person: UUID,
        session_key: str,
        outgoing: Outgoing,
        client: Client = NO_CLIENT,
        scopes: frozenset[str] | None = None,
    ) -> None:
        # Of the request that opened it, as the log calls it.
        self.id = context.current_id()
        self.person = person
        self.client = client
        self.session_key = session_key
        self.session_hash = session_hash(session_key)
        self.scopes = scopes
        self.outgoing = outgoing
        # What its `welcome` said of the server.
        self.announced: Announced | None = None
        self.feeds: set[Feed] = set()
        # People whose presence is sent to this connection.
        self.watched: set[UUID] = set()
        # People whom the person blocked, or who blocked the person; None: to be read. A change of a
        # contact resets it, on either side.
        self.blocked: frozenset[UUID] | None = None
        self.contact_changes = 0
        self.resumed = False
        # Whether a `resume` is being carried out, until its contacts are watched.
        self.resuming = False
        self.away = False
        # Whether the client was told to go to another process.
        self.leaving = False
        self.heartbeat_at = outgoing.loop.time()

    def send(self, event: Event) -> None:
        """Send one event to this connection alone."""
        self.outgoing.add(EventBatch([encode(event)]))

    def ask_to_reconnect(self) -> None:
        """Tell the client, once, to open another connection and to leave this one."""
        if not self.leaving:
            self.leaving = True
            self.send(Reconnect())

    def close_slow(self) -> None:
        """Close a connection that cannot keep up; its client resumes from the database."""
        self.outgoing.close(CloseCode.TOO_SLOW)
