"""Heartbeats: tell every connection which of its streams moved since the last one."""

import asyncio

from django.utils import timezone

from apps.realtime.connection import Connection
from apps.realtime.hub import Hub
from apps.wire import events

# Checked once a second, so that no more than 25 s pass between two heartbeats.
HEARTBEAT_INTERVAL_S = 24.0


async def run(hub: Hub) -> None:
    """Each second, send a heartbeat to the connections that are due. Runs until shutdown.

    Busy connections get heartbeats too: nothing else shows a loss that concerns one connection
    alone.
    """
    while True:
        await asyncio.sleep(1)
        now = hub.loop.time()
        for connection in list(hub.connections):
            if connection.resumed and now - connection.heartbeat_at >= HEARTBEAT_INTERVAL_S:
                _send(connection, now)


def _send(connection: Connection, now: float) -> None:
    # Skip streams that the connection is still catching up with: being behind there is no loss.
    feeds = [feed for feed in connection.feeds if connection in feed.listeners]
    heads = {
        feed.id: feed.cursor
        for feed in feeds
        if feed.stream == "chat" and feed.cursor and feed.moved_at >= connection.heartbeat_at
    }
    user_rev = max((feed.cursor or 0 for feed in feeds if feed.stream == "person"), default=0)
    connection.heartbeat_at = now
    connection.send(events.Heartbeat(time=timezone.now(), heads=heads, user_rev=user_rev))
