"""What the server tells each client of itself: limits, and the message of the day."""

from typing import NamedTuple

from apps.core.runtime import runtime
from apps.files.queries.uploads import max_file_bytes
from apps.realtime.connection import Connection
from apps.realtime.hub import Hub
from apps.realtime.outgoing import EventBatch
from apps.wire.bodies import Limits
from apps.wire.codec import encode
from apps.wire.events import ServerChanged
from apps.wire.limits import MAX_FILES, MAX_FRAME_BYTES, MAX_TEXT_LENGTH


class Announced(NamedTuple):
    """What clients keep of the settings that change while the server runs."""

    limits: Limits
    motd: str

    def event(self) -> ServerChanged:
        """For clients that know something else."""
        return ServerChanged(limits=self.limits, motd=self.motd)


def announced() -> Announced:
    """As the settings are now."""
    limits = Limits(
        text_length=MAX_TEXT_LENGTH,
        frame_bytes=MAX_FRAME_BYTES,
        file_bytes=max_file_bytes(),
        files=MAX_FILES,
    )
    return Announced(limits, runtime.MOTD)


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
