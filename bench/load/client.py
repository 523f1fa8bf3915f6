"""A client that sends and receives in one chat, and what the load generator knows of the chat."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from bench.load import events
from bench.load.events import AckEvent, ErrorEvent, LoadEvent, MessageEvent, SyncedEvent
from bench.load.sequence import SequenceCheck
from chatproject.load.endpoint import Endpoint
from chatproject.load.framing import encode_frame
from chatproject.load.websocket import WebSocket

if TYPE_CHECKING:
    from bench.load.window import Window

RESUME = b'{"type":"resume","ref":"resume","epoch":null,"chats":{},"user":0}'


class ChatUnderLoad:
    """A chat: its clients, and the seqs acknowledged in the current window."""

    def __init__(self, chat_id: str) -> None:
        self.id = chat_id
        self.members: list[ChatClient] = []
        self.acknowledged: list[int] = []
        self.head = 0

    def begin(self, window: "Window") -> None:
        """Start counting for `window`."""
        self.head = max([self.head, *self.acknowledged])
        self.acknowledged = []
        for member in self.members:
            member.window = window
            member.sequence = SequenceCheck(after=self.head)

    def faults(self) -> Counter[str]:
        """Lost, duplicated and reordered entries of all members."""
        found: Counter[str] = Counter()
        for member in self.members:
            found["lost"] += member.sequence.lost(self.acknowledged)
            found["duplicated"] += member.sequence.duplicated
            found["reordered"] += member.sequence.reordered
        return found


class ChatClient(WebSocket):
    """A device of one person with one chat open. Reports its events to the current window."""

    def __init__(self, *, endpoint: Endpoint, cookie: str, chat: ChatUnderLoad) -> None:
        super().__init__(endpoint=endpoint, cookie=cookie)
        self.chat = chat
        self.window: Window | None = None
        self.sequence = SequenceCheck()
        self.synced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat.members.append(self)

    async def start(self) -> None:
        """Wait for the upgrade, then resume until live events follow. Raises ConnectionRefused."""
        await self.opened
        self.transport.write(encode_frame(RESUME))
        await self.synced

    def text(self, payload: bytes) -> None:
        """Handle a frame of events."""
        for event in self.read(payload):
            self.handle(event)

    def read(self, payload: bytes) -> list[LoadEvent]:
        """Decode a frame."""
        return events.decode(payload)

    def handle(self, event: LoadEvent) -> None:
        """Handle one event."""
        window = self.window
        if window is None:
            if type(event) is SyncedEvent and not self.synced.done():
                self.synced.set_result(None)
        elif type(event) is MessageEvent:
            entry = event.message
            if window.delivered(self, entry.client_id):
                self.sequence.add(entry.seq)
        elif type(event) is AckEvent:
            if event.seq is not None:
                self.chat.acknowledged.append(event.seq)
                window.acknowledged(self)
        elif type(event) is ErrorEvent:
            window.refused(self, event.code, event.ref)


class CrowdClient(ChatClient):
    """A client in a large chat. All its members receive the same bytes, which are decoded once."""

    _decoded: dict[bytes, list[LoadEvent]] = {}

    def read(self, payload: bytes) -> list[LoadEvent]:
        """Decode a frame, or take its events from the cache."""
        found = self._decoded.get(payload)
        if found is None:
            if len(self._decoded) > 64:
                self._decoded.clear()
            found = self._decoded[payload] = events.decode(payload)
        return found
