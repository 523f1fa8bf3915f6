"""Between processes: hints through the channel layer, one subscription a stream and process.

A lost, repeated or late message here is harmless: the hub goes by positions. Nothing is
published while no other process is there to listen.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.realtime.delivery import Delivery, pack, unpack

logger = logging.getLogger(__name__)

HELLO = "servers"
HELLO_EVERY = 2.0
# Three hellos missed: that process is gone.
PEER_LASTS = 7.0
# How long one hint may take; Redis away must not pile up work.
PATIENCE = 2.0
MOST_WAITING = 10_000


def group_of(stream: str, id_: object) -> str:
    """The name of a stream's group in the channel layer."""
    return f"{stream}.{id_}"


class Relay:
    """Publishes this process's deliveries to the others, and takes theirs."""

    def __init__(self, take: Callable[[list[Delivery]], None]) -> None:
        self._take = take
        self._layer: Any = get_channel_layer()
        self._name = uuid4().hex
        self._channel = ""
        self._peers: dict[str, float] = {}
        self._began = asyncio.get_running_loop().time()
        self._out: asyncio.Queue[list[Delivery]] = asyncio.Queue(MOST_WAITING)
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {"hub": self._came}

    @property
    def alone(self) -> bool:
        """Whether no other process was heard of; unknown during the first seconds."""
        now = asyncio.get_running_loop().time()
        if now - self._began < PEER_LASTS:
            return False
        return not any(now - heard < PEER_LASTS for heard in self._peers.values())

    def handle(self, kind: str, handler: Callable[[dict[str, Any]], None]) -> None:
        """Have messages of another kind (presence) go to `handler`."""
        self._handlers[kind] = handler

    def forward(self, deliveries: list[Delivery]) -> None:
        """Tell the other processes, if there are any. Never waits; under pressure it drops."""
        if self._out.qsize() > MOST_WAITING // 2:
            deliveries = [item for item in deliveries if not item.fleeting]
        if deliveries and not self.alone:
            try:
                self._out.put_nowait(deliveries)
            except asyncio.QueueFull:
                logger.warning("hints to other servers are dropped: Redis is slow or away")

    async def subscribe(self, groups: Iterable[str]) -> None:
        """Take what others publish to these groups from now on. Raises when Redis is away."""
        for group in groups:
            await self._layer.group_add(group, self._channel)

    async def unsubscribe(self, groups: Iterable[str]) -> None:
        """Stop taking what others publish to these groups."""
        for group in groups:
            await self._layer.group_discard(group, self._channel)

    async def publish(self, group: str, message: dict[str, Any]) -> None:
        """Send one message to a group. Raises when Redis is away."""
        async with asyncio.timeout(PATIENCE):
            await self._layer.group_send(group, message | {"from": self._name})

    async def receive(self) -> None:
        """Take messages for ever; started again, on the channel that all groups know."""
        if not self._channel:
            self._channel = await self._layer.new_channel()
        await self._layer.group_add(HELLO, self._channel)
        while True:
            message = await self._layer.receive(self._channel)
            if message.get("from") != self._name:
                handler = self._handlers.get(message["type"], self._met)
                handler(message)

    async def greet(self) -> None:
        """Say for ever that this process is here."""
        while True:
            await self._try(self.publish(HELLO, {"type": "hello"}))
            await asyncio.sleep(HELLO_EVERY)

    async def send(self) -> None:
        """Publish what `forward` was given, for ever."""
        while True:
            batch = [await self._out.get()]
            while not self._out.empty():
                batch.append(self._out.get_nowait())
            for group, items in by_group(item for part in batch for item in part).items():
                await self._try(self.publish(group, {"type": "hub", "events": pack(items)}))

    async def _try(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except Exception as error:  # Redis away, in any of its ways; positions heal it
            logger.debug("a hint was lost: %r", error)

    def _came(self, message: dict[str, Any]) -> None:
        try:
            self._take(unpack(message["events"]))
        except msgspec.DecodeError:
            # Another release speaks differently; its changes are found by position.
            logger.debug("a hint of another release was passed over")

    def _met(self, message: dict[str, Any]) -> None:
        if message["type"] == "hello":
            self._peers[message["from"]] = asyncio.get_running_loop().time()


def by_group(deliveries: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """Deliveries by the group of their stream, in order."""
    groups: dict[str, list[Delivery]] = {}
    for item in deliveries:
        groups.setdefault(group_of(item.stream, item.to), []).append(item)
    return groups


def send_from_outside(deliveries: list[Delivery]) -> None:
    """Publish from a process without a hub: a worker, a management command."""
    layer: Any = get_channel_layer()

    async def send() -> None:
        async with asyncio.timeout(PATIENCE):
            for group, items in by_group(deliveries).items():
                message = {"type": "hub", "from": "", "events": pack(items)}
                await layer.group_send(group, message)

    async_to_sync(send)()
