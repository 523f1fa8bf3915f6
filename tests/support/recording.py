"""Connections with a transport that records, for tests of the hub."""

import asyncio
import json
from uuid import UUID

from apps.realtime.connection import Connection
from apps.realtime.hub import Hub
from apps.realtime.outgoing import Outgoing


async def eventually(condition, within=20):
    """Return when `condition()` is true."""
    async with asyncio.timeout(within):
        for _ in iter(lambda: bool(condition()), True):
            await asyncio.sleep(0.01)


class RecordingTransport:
    """Records frames and the close code."""

    name = "websocket"

    def __init__(self):
        self.frames = []
        self.code = None
        self.more = asyncio.Event()

    async def write(self, frame):
        self.frames.append(frame)
        self.more.set()

    async def close(self, code):
        self.code = code
        self.more.set()

    @property
    def events(self):
        """All recorded events."""
        found = []
        for frame in self.frames:
            content = json.loads(frame)
            found += content if isinstance(content, list) else [content]
        return found

    async def until(self, wanted, within=20):
        """Wait for the first event that is `wanted`."""
        async with asyncio.timeout(within):
            while True:
                for event in self.events:
                    if wanted(event):
                        return event
                self.more.clear()
                await self.more.wait()


def connect(hub: Hub, person: UUID, key: str = "key") -> tuple[Connection, RecordingTransport]:
    """A connection of this person, known to the hub, and its transport."""
    transport = RecordingTransport()
    outgoing = Outgoing(transport, hub.flusher)
    connection = Connection(person=person, session_key=key, outgoing=outgoing)
    hub.connections.add(connection)
    return connection, transport
