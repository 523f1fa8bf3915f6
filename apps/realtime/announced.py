"""What the server tells each client of itself: limits, the message of the day, and the revision of
the list of custom emoji."""

from typing import NamedTuple

from apps.core.runtime import refresh as refresh_settings
from apps.core.runtime import runtime
from apps.emoji.queries.emoji import revision
from apps.files.queries.uploads import max_file_bytes
from apps.realtime.connection import Connection
from apps.realtime.hub import Hub
from apps.realtime.outgoing import EventBatch
from apps.wire.bodies import Limits
from apps.wire.codec import encode
from apps.wire.events import ServerChanged
from apps.wire.limits import MAX_FILES, MAX_FRAME_BYTES, MAX_TEXT_LENGTH


class Announced(NamedTuple):
    """What clients keep of what changes while the server runs."""

    limits: Limits
    motd: str
    emoji: int

    def event(self) -> ServerChanged:
        """For clients that know something else."""
        return ServerChanged(limits=self.limits, motd=self.motd, emoji=self.emoji)


class _State:
    """The revision of the emoji when this process last asked for it."""

    emoji = 0


def refresh() -> None:
    """Ask the database again for what `announced` returns. Raises Error of the database."""
    refresh_settings()
    _State.emoji = revision()


def announced() -> Announced:
    """As it was at the last `refresh`."""
    limits = Limits(
        text_length=MAX_TEXT_LENGTH,
        frame_bytes=MAX_FRAME_BYTES,
        file_bytes=max_file_bytes(),
        files=MAX_FILES,
    )
    return Announced(limits, runtime.MOTD, _State.emoji)


class Announcer:
    """Tells the connections of this process what has changed since they were welcomed."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._told = announced()

    def arrived(self, connection: Connection) -> None:
        """Tell a connection whose `welcome` was made before a change."""
        now = announced()
        if connection.announced not in (None, now):
            connection.send(now.event())

    def tell(self) -> None:
        """Send the event to all, if anything has changed since the last call."""
        now = announced()
        if now == self._told:
            return
        self._told = now
        batch = EventBatch([encode(now.event())])
        for connection in list(self._hub.connections):
            connection.outgoing.add(batch)
