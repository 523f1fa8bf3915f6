"""A device that keeps its cursors, is cut off, and comes back for what it missed."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

import msgspec
from msgspec import Struct, defstruct

from apps.wire.events import AnyEvent
from bench.load.client import resume_frame
from bench.load.events import ChatsEvent, Head, SnapshotEvent, SyncedEvent, WelcomeEvent
from bench.load.sequence import SequenceCheck
from bench.people import Person
from chatproject.load.endpoint import Endpoint
from chatproject.load.websocket import ConnectionRefused, EventSocket

ATTEMPT_TIMEOUT_S = 30.0
MIN_WAIT_S, MAX_WAIT_S = 0.5, 30.0


class _Entry(Struct, gc=False):
    seq: int


class _Message(Struct, tag_field="type", tag="message", gc=False):
    chat: str
    rev: int
    message: _Entry


class _Other(Struct, tag_field="type", gc=False):
    pass


_READ = (WelcomeEvent, SnapshotEvent, ChatsEvent, _Message, SyncedEvent)
_TAGS = {each.__struct_config__.tag for each in _READ}
_one = WelcomeEvent | SnapshotEvent | ChatsEvent | _Message | SyncedEvent
for _event in get_args(AnyEvent):
    if (_tag := _event.__struct_config__.tag) not in _TAGS:
        _one = _one | defstruct(f"_Other{_tag}", [], bases=(_Other,), tag=_tag)
_decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder(_one | list[_one])


class ReturningDevice:
    """One device of a person over its connections: its cursors, and the entries it has received in
    its chat."""

    def __init__(self, endpoint: Endpoint, person: Person) -> None:
        self._endpoint = endpoint
        self.person = person
        self.epoch: str | None = None
        self.user_rev = 0
        self.revs: dict[str, int] = {}
        self.sequence = SequenceCheck()
        # How often it connected, and how often it tried to.
        self.arrivals = self.attempts = 0
        self.snapshots = 0
        self._socket: _Socket | None = None

    async def arrive(self) -> None:
        """Connect and resume until everything missed has come; tries again as a browser does."""
        ceiling = MIN_WAIT_S
        while not await self._attempt():
            await asyncio.sleep(random.uniform(0, ceiling))
            ceiling = min(2 * ceiling, MAX_WAIT_S)
        self.arrivals += 1

    def cut(self) -> None:
        """Lose the connection without a word."""
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None

    def forget(self) -> None:
        """Start from nothing the next time."""
        self.epoch, self.user_rev, self.revs = None, 0, {}

    @property
    def connected(self) -> bool:
        """Whether its connection is still there."""
        return self._socket is not None and self._socket.closed is None

    def faults(self, acknowledged: Iterable[int]) -> Counter[str]:
        """Lost, duplicated and reordered entries of its chat. `acknowledged`: their seqs."""
        return Counter(
            lost=self.sequence.lost(acknowledged),
            duplicated=self.sequence.duplicated,
            reordered=self.sequence.reordered,
        )

    def snapshot(self, user_rev: int) -> None:
        """Begin with nothing."""
        self.snapshots += 1
        self.user_rev = user_rev
        self.revs.clear()

    def chat(self, chat: Head) -> None:
        """Continue a chat from its current state."""
        self.revs[chat.id] = chat.rev
        if chat.id == self.person.chat:
            self.sequence = SequenceCheck(after=chat.last_seq)

    def message(self, event: _Message) -> None:
        """Receive an entry."""
        self.revs[event.chat] = event.rev
        self.sequence.add(event.message.seq)

    def resume_frame(self) -> bytes:
        """The command with all cursors."""
        return resume_frame(epoch=self.epoch, chats=self.revs, user=self.user_rev)

    async def _attempt(self) -> bool:
        self.attempts += 1
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT_S):
                self._socket = await self._endpoint.connect(lambda: _Socket(self, self._endpoint))
                await self._socket.synced
        except (ConnectionRefused, OSError, TimeoutError):
            self.cut()
            return False
        return True


class _Socket(EventSocket):
    def __init__(self, device: ReturningDevice, endpoint: Endpoint) -> None:
        super().__init__(endpoint=endpoint, cookie=device.person.cookie)
        self._device = device

    def decode(self, payload: bytes) -> object:
        return _decoder.decode(payload)

    def handle(self, event: object) -> None:
        device = self._device
        match event:
            case _Message():
                device.message(event)
            case WelcomeEvent(epoch=epoch):
                self.transport.write(device.resume_frame())
                device.epoch = epoch
            case SnapshotEvent(user_rev=rev):
                device.snapshot(rev)
            case ChatsEvent(chats=chats):
                for chat in chats:
                    device.chat(chat)
            case SyncedEvent():
                self.settle("resume")


async def arrive(devices: Sequence[ReturningDevice], *, at_once: int | None = None) -> None:
    """Have all of these devices arrive, so many of them at a time."""
    semaphore = asyncio.Semaphore(at_once or len(devices))

    async def one(device: ReturningDevice) -> None:
        async with semaphore:
            await device.arrive()

    async with asyncio.TaskGroup() as group:
        for device in devices:
            group.create_task(one(device))
