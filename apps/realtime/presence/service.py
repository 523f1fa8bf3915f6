"""Presence: who is online or away, counted from live connections and kept in Redis.

A server process writes its own entry for each person connected to it, and renews it; the entries of
a process that died expire. The entry says whether the person is at any of their devices there.
`connected` counts, `watchers` tells; this module joins them and connects them to other processes.
"""

import asyncio
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.realtime.connection import Connection
from apps.realtime.presence.connected import ConnectedPeople
from apps.realtime.presence.last_seen import LastSeen
from apps.realtime.presence.store import PresenceStore
from apps.realtime.presence.watchers import Watchers
from apps.realtime.relay import Relay, group_of
from apps.wire import bodies

logger = logging.getLogger(__name__)

RENEW_INTERVAL_S = 15.0


class Presence:
    """The presence of one server process."""

    def __init__(self, loop: asyncio.AbstractEventLoop, relay: Relay) -> None:
        self._relay = relay
        self._last_seen = LastSeen()
        store = PresenceStore()
        self.connected = ConnectedPeople(loop, store, self._changed)
        self.watchers = Watchers(relay, store, self.connected.count_of)
        relay.handle("presence", self._received)

    def arrive(self, connection: Connection) -> None:
        """Count a new connection."""
        self.connected.add(connection)

    def depart(self, connection: Connection) -> None:
        """Forget an ended connection; its person goes offline unless one comes back soon."""
        self.watchers.forget(connection)
        self.connected.remove(connection)

    async def run(self) -> None:
        """Every few seconds renew this process's entries and look up everybody who is watched.
        Runs until shutdown."""
        while True:
            await asyncio.sleep(RENEW_INTERVAL_S)
            self.watchers.send_late()
            await self.connected.renew()
            await self.watchers.refresh()
            await self._last_seen.save()

    async def _changed(self, changed: list[bodies.Presence]) -> None:
        """Tell watchers here and in other processes, and save when people left."""
        for presence in changed:
            if presence.last_seen is not None:
                self._last_seen.note(presence.person, presence.last_seen)
            self.watchers.update(presence)
        await self._publish(changed)
        await self._last_seen.save()

    async def _publish(self, changed: list[bodies.Presence]) -> None:
        if self._relay.alone:
            return
        messages = {group_of("presence", each.person): _message(each) for each in changed}
        try:
            await self._relay.publish_all(messages)
        except Exception as error:  # other processes look everybody up every 15 s
            logger.debug("changes of presence were not published: %r", error)

    def _received(self, message: dict[str, Any]) -> None:
        seen = message["last_seen"]
        self.watchers.update(
            bodies.Presence(
                person=UUID(message["person"]),
                online=message["online"],
                away=message.get("away", False),
                last_seen=datetime.fromisoformat(seen) if seen else None,
            )
        )


def _message(presence: bodies.Presence) -> dict[str, Any]:
    return {
        "type": "presence",
        "person": str(presence.person),
        "online": presence.online,
        "away": presence.away,
        "last_seen": presence.last_seen.isoformat() if presence.last_seen else "",
    }
