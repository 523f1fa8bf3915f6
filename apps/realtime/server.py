"""The live part of one server process: hub, relay, presence and their background tasks."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from apps.realtime import heartbeats, process_metrics, session_check, settings_check
from apps.realtime.admission import admit
from apps.realtime.announced import Announcer
from apps.realtime.background import check_cancelled
from apps.realtime.envelope import Envelope, envelopes
from apps.realtime.gathered_reads import in_threads
from apps.realtime.hub import Hub
from apps.realtime.position_check import PositionCheck
from apps.realtime.presence.service import Presence
from apps.realtime.relay import Relay, publish_without_hub
from apps.wire.close_codes import CloseCode
from apps.wire.publish import Publication

logger = logging.getLogger(__name__)


class Server:
    """Created once per process, on its event loop, by the lifespan or the first connection."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        # Commands that are being carried out, and whether no more are: the process ends.
        self.commands = 0
        self.ending = False
        self.hub = Hub(self.loop)
        self.admissions = in_threads(admit, who=lambda credentials: credentials.session_key)
        self.relay = Relay(self.hub.deliver)
        self.presence = Presence(self.loop, self.relay)
        self.announcer = Announcer(self.hub)
        self.hub.on_watch = self.presence.watchers.request
        # Each is a task of its own: a slow one must not delay the end of a session, or the healing
        # of a lost message.
        background = (
            self.relay.receive,
            self.relay.announce,
            self.relay.publish_queued,
            self.presence.run,
            self.presence.watchers.run_subscriptions,
            self.presence.watchers.run_requests,
            self.hub.healer.run,
            self.hub.catch_up.run,
            self.hub.sweep_regularly,
            partial(self.hub.subscriptions.run, self.relay, self._subscribed),
            PositionCheck(self.hub).run,
            partial(session_check.run, self.hub),
            self.hub.ended.run,
            partial(heartbeats.run, self.hub),
            partial(settings_check.run, self.announcer),
            process_metrics.run,
        )
        self._tasks = [self.loop.create_task(_run_forever(work)) for work in background]

    def deliver(self, batch: list[Envelope]) -> None:
        """Pass on what this process committed, to its own connections and to other processes."""
        self.hub.deliver(batch)
        self.relay.forward(batch)

    def close_connections(self) -> None:
        """Close all connections before the process ends; their clients reconnect elsewhere."""
        for connection in list(self.hub.connections):
            connection.outgoing.close(CloseCode.RESTARTING)

    def _subscribed(self, ids: list[UUID]) -> None:
        """Read newly subscribed feeds once more, unless no other process could have published."""
        if self.relay.alone:
            return
        for id_ in ids:
            feed = self.hub.feeds.get(id_)
            if feed is not None:
                self.hub.healer.mark(feed)


async def _run_forever(work: Callable[[], Awaitable[None]]) -> None:
    # Background tasks run until shutdown: log an exception and start the task again. A task leaves
    # unfinished work where its next run finds it.
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:
            check_cancelled()
            logger.exception("a background task failed and starts again")
            await asyncio.sleep(1)


_server: Server | None = None


def get_server() -> Server:
    """This process's server; started by the first call, on the running event loop."""
    global _server
    if _server is None or _server.loop.is_closed():
        _server = Server()
    return _server


def sink(batch: list[Publication]) -> None:
    """Deliver committed publications; `publish` calls this in the committing thread."""
    encoded = envelopes(batch, committed_at=time.time())
    if _server is not None and not _server.loop.is_closed():
        _server.loop.call_soon_threadsafe(_server.deliver, encoded)
    else:
        publish_without_hub(encoded)
