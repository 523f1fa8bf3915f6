"""The live part of one server process: hub, relay, presence and their standing tasks."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from apps.realtime.envelope import Envelope, envelopes
from apps.realtime.healer import Healer
from apps.realtime.hub import Hub
from apps.realtime.periodic import Upkeep
from apps.realtime.presence.board import PresenceBoard
from apps.realtime.relay import Relay, send_from_outside
from apps.wire.close_codes import CloseCode
from apps.wire.publish import Publication

logger = logging.getLogger(__name__)


class Server:
    """Made once, on the event loop of the process, by the lifespan or the first connection."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.hub = Hub(self.loop)
        self.relay = Relay(self.hub.deliver)
        self.presence = PresenceBoard(self.hub, self.relay)
        healer = Healer(self.hub)
        upkeep = Upkeep(self.hub, self.relay, self.presence)
        standing = (
            self.relay.receive,
            self.relay.greet,
            self.relay.send,
            self.presence.keep,
            self.presence.subscribe,
            healer.heal,
            healer.catch_up,
            upkeep.check_positions,
            upkeep.check_sessions,
            upkeep.sweep,
            upkeep.beat,
            upkeep.subscribe,
            upkeep.watch,
        )
        self._tasks = [self.loop.create_task(_run_forever(work)) for work in standing]

    def deliver(self, batch: list[Envelope]) -> None:
        """Pass on what this process committed, to its own connections and to the others."""
        self.hub.deliver(batch)
        self.relay.forward(batch)

    def end(self) -> None:
        """Send all connections away: this process is about to end."""
        for connection in list(self.hub.connections):
            connection.outgoing.close(CloseCode.RESTARTING)


async def _run_forever(work: Any) -> None:
    # Standing tasks run until the process ends: log an exception and start the task again. A task
    # keeps what it has in hand where its next run finds it.
    while True:
        try:
            coroutine: Coroutine[Any, Any, None] = work()
            await coroutine
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("a standing task failed and starts again")
            await asyncio.sleep(1)


_server: Server | None = None


def get_server() -> Server:
    """This process's server; started by the first call, on the running event loop."""
    global _server
    if _server is None or _server.loop.is_closed():
        _server = Server()
    return _server


def sink(batch: list[Publication]) -> None:
    """Where `publish` delivers, in whatever thread committed."""
    encoded = envelopes(batch)
    if _server is not None and not _server.loop.is_closed():
        _server.loop.call_soon_threadsafe(_server.deliver, encoded)
    else:
        send_from_outside(encoded)
