"""Between processes: hints through the channel layer, one subscription a stream and process.

A lost, repeated or late message here is harmless: the hub goes by positions. Nothing is
published while no other process is there to listen.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.realtime.envelope import Envelope, pack, unpack
from apps.realtime.redis_outage import redis_outage

logger = logging.getLogger(__name__)

HELLO = "servers"
HELLO_INTERVAL_S = 2.0
# Three hellos missed: that process is gone.
PEER_TTL_S = 7.0
# Bounds every call to Redis, which may hang.
REDIS_TIMEOUT_S = 2.0
MAX_WAITING = 10_000


def group_of(stream: str, id_: object) -> str:
    """The name of a stream's group in the channel layer."""
    return f"{stream}.{id_}"


class Relay:
    """Publishes this process's envelopes to the others, and takes theirs."""

    def __init__(self, deliver: Callable[[list[Envelope]], None]) -> None:
        self._deliver = deliver
        self._layer: Any = get_channel_layer()
        self._name = uuid4().hex
        self._channel = ""
        # When each process, this one included, was last heard.
        self._heard: dict[str, float] = {}
        # Since when this process hears itself without a break.
        self._hears_since = math.inf
        self._out: asyncio.Queue[list[Envelope]] = asyncio.Queue(MAX_WAITING)
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {"hub": self._came}

    @property
    def alone(self) -> bool:
        """Whether no other process is heard, though this one hears itself. While it does not, Redis
        passes nothing on, and nothing is known of others."""
        now = asyncio.get_running_loop().time()
        if now - self._hears_since < PEER_TTL_S:
            return False
        return [name for name, at in self._heard.items() if now - at < PEER_TTL_S] == [self._name]

    def handle(self, kind: str, handler: Callable[[dict[str, Any]], None]) -> None:
        """Have messages of another kind (presence) go to `handler`."""
        self._handlers[kind] = handler

    def forward(self, envelopes: list[Envelope]) -> None:
        """Tell the other processes, if there are any. Never waits; under pressure it drops."""
        if self._out.qsize() > MAX_WAITING // 2:
            envelopes = [item for item in envelopes if not item.ephemeral]
        if envelopes and not self.alone:
            try:
                self._out.put_nowait(envelopes)
            except asyncio.QueueFull as error:
                redis_outage.failed(error)

    async def subscribe(self, groups: list[str]) -> None:
        """Receive what others publish to these groups from now on. Raises when Redis is away."""
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            await self._layer.groups_add(groups, self._own_channel)

    async def unsubscribe(self, groups: list[str]) -> None:
        """Stop receiving what others publish to these groups. Raises when Redis is away."""
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            await self._layer.groups_discard(groups, self._own_channel)

    async def publish(self, group: str, message: dict[str, Any]) -> None:
        """Send one message to a group. Raises when Redis is away."""
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            await self._layer.group_send(group, message | {"from": self._name})

    async def receive(self) -> None:
        """Receive messages until shutdown; a new start is on the channel that all groups know."""
        channel = await self._listen()
        while True:
            message = await self._layer.receive(channel)
            if message["type"] == "hello":
                self._met(message["from"])
            elif message.get("from") != self._name and message["type"] in self._handlers:
                self._handlers[message["type"]](message)

    async def greet(self) -> None:
        """Announce this process until shutdown, and forget processes that no longer do."""
        while True:
            await self._try(self.publish(HELLO, {"type": "hello"}))
            await asyncio.sleep(HELLO_INTERVAL_S)
            now = asyncio.get_running_loop().time()
            self._heard = {n: at for n, at in self._heard.items() if now - at < PEER_TTL_S}
            if self._name not in self._heard and self._hears_since < math.inf:
                self._hears_since = math.inf
                redis_outage.failed(TimeoutError("own greetings do not arrive"))

    async def send(self) -> None:
        """Publish what `forward` was given, for ever."""
        while True:
            batch = [await self._out.get()]
            while not self._out.empty():
                batch.append(self._out.get_nowait())
            for group, items in by_group(item for part in batch for item in part).items():
                message = {"type": "hub", "events": pack(items)}
                if not await self._try(self.publish(group, message)):
                    self._drop_waiting()
                    break

    async def _listen(self) -> str:
        """Subscribe to this process's channel and to greetings, as soon as Redis is there."""
        while True:
            try:
                async with asyncio.timeout(REDIS_TIMEOUT_S):
                    if not self._channel:
                        self._channel = await self._layer.new_channel()
                    await self._layer.group_add(HELLO, self._channel)
            except Exception as error:  # Redis is away, in any of its ways
                redis_outage.failed(error)
                await asyncio.sleep(1)
            else:
                return self._channel

    @property
    def _own_channel(self) -> str:
        if not self._channel:
            raise ConnectionError("Redis has not been reached yet")
        return self._channel

    async def _try(self, sending: Awaitable[None]) -> bool:
        try:
            await sending
        except Exception as error:  # Redis is away, in any of its ways; positions heal it
            redis_outage.failed(error)
            return False
        return True

    def _drop_waiting(self) -> None:
        """A Redis that hangs takes one hint in two seconds. What piles up behind would fill the
        memory, and come when positions have healed it long ago."""
        while not self._out.empty():
            self._out.get_nowait()

    def _came(self, message: dict[str, Any]) -> None:
        try:
            self._deliver(unpack(message["events"]))
        except msgspec.DecodeError:
            # Another release speaks differently; its changes are found by position.
            logger.debug("a hint of another release was passed over")

    def _met(self, name: str) -> None:
        now = asyncio.get_running_loop().time()
        if name == self._name:
            redis_outage.recovered()
            if name not in self._heard:
                self._hears_since = now
        self._heard[name] = now


def by_group(envelopes: Iterable[Envelope]) -> dict[str, list[Envelope]]:
    """Deliveries by the group of their stream, in order."""
    groups: dict[str, list[Envelope]] = {}
    for item in envelopes:
        groups.setdefault(group_of(item.stream, item.to), []).append(item)
    return groups


def send_from_outside(envelopes: list[Envelope]) -> None:
    """Publish from a process without a hub: a worker, a management command."""
    layer: Any = get_channel_layer()

    async def send() -> None:
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            for group, items in by_group(envelopes).items():
                message = {"type": "hub", "from": "", "events": pack(items)}
                await layer.group_send(group, message)

    try:
        async_to_sync(send)()
    except Exception as error:  # Redis is away, in any of its ways; positions heal it
        redis_outage.failed(error)
    else:
        redis_outage.recovered()
