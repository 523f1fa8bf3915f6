"""A client that sends and receives in one chat, and what the load generator knows of the chat."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from bench.load import events
from bench.load.events import (
    AckEvent,
    ChatsEvent,
    ErrorEvent,
    HeartbeatEvent,
    LoadEvent,
    MessageEvent,
    SnapshotEvent,
    SyncedEvent,
    WelcomeEvent,
)
from bench.load.sequence import SequenceCheck
from chatproject.load.endpoint import Endpoint
from chatproject.load.framing import encode_frame
from chatproject.load.websocket import WebSocket

if TYPE_CHECKING:
    from bench.load.window import Window

BEHIND = "behind"


def resume_frame(
    ref: str = "resume",
    *,
    epoch: str | None = None,
    chats: Mapping[str, int] | None = None,
    user: int = 0,
) -> bytes:
    """The command with these cursors; without, that of a client that begins with nothing."""
    cursors = {"epoch": epoch, "chats": chats or {}, "user": user}
    return encode_frame(msgspec.json.encode({"type": "resume", "ref": ref} | cursors))


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
        # Its cursors, with which it resumes when it is told that it is behind.
        self.epoch, self.rev, self.user_rev = "", 0, 0
        self._is_resuming = False
        self.synced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat.members.append(self)

    async def start(self) -> None:
        """Wait for the upgrade, then resume until live events follow. Raises ConnectionRefused."""
        await self.opened
        self.transport.write(resume_frame())
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
            self._handle_start(event)
        elif type(event) is MessageEvent:
            entry = event.message
            self.rev = event.rev
            if window.delivered(self, entry.client_id):
                self.sequence.add(entry.seq)
        elif type(event) is AckEvent:
            if event.seq is not None:
                self.chat.acknowledged.append(event.seq)
                window.acknowledged(self)
        elif type(event) is ErrorEvent and event.ref != BEHIND:
            window.refused(self, event.code, event.ref)
        elif type(event) is HeartbeatEvent and event.heads.get(self.chat.id, 0) > self.rev:
            self._resume()
        elif type(event) is SyncedEvent or type(event) is ErrorEvent:
            self._is_resuming = False

    def _handle_start(self, event: LoadEvent) -> None:
        match event:
            case WelcomeEvent():
                self.epoch = event.epoch
            case SnapshotEvent():
                self.user_rev = event.user_rev
            case ChatsEvent():
                self.rev = next((each.rev for each in event.chats if each.id == self.chat.id), 0)
            case SyncedEvent() if not self.synced.done():
                self.synced.set_result(None)

    def _resume(self) -> None:
        if self._is_resuming:
            return
        self._is_resuming = True
        chats = {self.chat.id: self.rev}
        self.transport.write(
            resume_frame(BEHIND, epoch=self.epoch, chats=chats, user=self.user_rev)
        )


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
