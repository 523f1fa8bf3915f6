"""Hints between processes, through the channel layer: one subscription per stream and process.

A lost, repeated or late hint is harmless: the hub compares revisions. Nothing is published while no
other process is there to listen.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.realtime.background import bounded, check_cancelled
from apps.realtime.envelope import Envelope, pack, unpack
from apps.realtime.redis_outage import redis_outage

logger = logging.getLogger(__name__)

# Every process announces itself to this group.
ANNOUNCEMENTS = "servers"
ANNOUNCE_INTERVAL_S = 2.0
# Three announcements missed: that process is gone.
PEER_TTL_S = 7.0
# The end of a process does not wait longer for Redis.
GOODBYE_TIMEOUT_S = 1.0
# Bounds every call to Redis, which may hang.
REDIS_TIMEOUT_S = 2.0
MAX_QUEUED = 10_000
# Calls of `forward` whose envelopes are published in one round trip, and the characters of their
# events, which the last call may exceed. Redis is given two seconds for all.
MAX_TOGETHER = 500
MAX_CHARACTERS_TOGETHER = 1_000_000


def group_of(stream: str, id_: object) -> str:
    """The name of a stream's group in the channel layer."""
    return f"{stream}.{id_}"


class Relay:
    """Publishes this process's envelopes to other processes, and delivers theirs."""

    def __init__(self, deliver: Callable[[list[Envelope]], None]) -> None:
        self._deliver = deliver
        self._layer: Any = get_channel_layer()
        self._name = uuid4().hex
        self._channel = ""
        # When each process, this one included, was last heard.
        self._heard_at: dict[str, float] = {}
        # Processes that have said that they end soon; until then they are still heard.
        self._ending: set[str] = set()
        # Since when this process hears its own announcements without a break.
        self._hears_itself_since = math.inf
        self._queue: asyncio.Queue[list[Envelope]] = asyncio.Queue(MAX_QUEUED)
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {"hub": self._received}

    @property
    def alone(self) -> bool:
        """Whether this process hears itself and no other process. While it does not hear itself,
        Redis passes nothing on, and whether there are others is unknown."""
        now = asyncio.get_running_loop().time()
        if now - self._hears_itself_since < PEER_TTL_S:
            return False
        heard = {name for name, at in self._heard_at.items() if now - at < PEER_TTL_S}
        return heard == {self._name}

    @property
    def has_successor(self) -> bool:
        """Whether clients of this process have another one to go to: one that is heard and does not
        end itself. While this process does not hear itself, nobody knows, and it says yes."""
        if math.isinf(self._hears_itself_since):
            return True
        now = asyncio.get_running_loop().time()
        heard = {name for name, at in self._heard_at.items() if now - at < PEER_TTL_S}
        return bool(heard - self._ending - {self._name})

    async def say_goodbye(self) -> None:
        """Tell the others that this process ends soon. A hint, as all else."""
        goodbye = self._try(self.publish(ANNOUNCEMENTS, {"type": "goodbye"}))
        with suppress(TimeoutError):
            await asyncio.wait_for(goodbye, GOODBYE_TIMEOUT_S)

    def handle(self, kind: str, handler: Callable[[dict[str, Any]], None]) -> None:
        """Pass messages of another kind (presence) to `handler`."""
        self._handlers[kind] = handler

    def forward(self, envelopes: list[Envelope]) -> None:
        """Queue envelopes for other processes, if there are any. Never waits; a long queue drops
        ephemeral events, a full one everything."""
        if self._queue.qsize() > MAX_QUEUED // 2:
            envelopes = [item for item in envelopes if not item.ephemeral]
        if envelopes and not self.alone:
            try:
                self._queue.put_nowait(envelopes)
            except asyncio.QueueFull as error:
                redis_outage.failed(error)

    async def subscribe(self, groups: list[str]) -> None:
        """Receive what is published to these groups from now on. Raises if Redis is unavailable."""
        async with bounded(REDIS_TIMEOUT_S):
            await self._layer.groups_add(groups, self._own_channel)

    async def unsubscribe(self, groups: list[str]) -> None:
        """Stop receiving what is published to these groups. Raises if Redis is unavailable."""
        async with bounded(REDIS_TIMEOUT_S):
            await self._layer.groups_discard(groups, self._own_channel)

    async def publish(self, group: str, message: dict[str, Any]) -> None:
        """Send one message to a group. Raises if Redis is unavailable."""
        async with bounded(REDIS_TIMEOUT_S):
            await self._layer.group_send(group, message | {"from": self._name})

    async def publish_all(self, messages: Mapping[str, dict[str, Any]]) -> None:
        """Send each group its message, in one round trip. Raises if Redis is unavailable."""
        sent = {group: message | {"from": self._name} for group, message in messages.items()}
        async with bounded(REDIS_TIMEOUT_S):
            await self._layer.groups_send(sent)

    async def receive(self) -> None:
        """Receive messages until shutdown. A second call reuses the channel of the first, which all
        subscriptions name."""
        channel = await self._open_channel()
        while True:
            message = await self._layer.receive(channel)
            if message["type"] == "hello":
                self._heard(message["from"])
            elif message["type"] == "goodbye":
                self._ending.add(message["from"])
            elif message.get("from") != self._name and message["type"] in self._handlers:
                self._handlers[message["type"]](message)

    async def announce(self) -> None:
        """Announce this process until shutdown, and forget processes that no longer do."""
        while True:
            await self._try(self.publish(ANNOUNCEMENTS, {"type": "hello"}))
            await asyncio.sleep(ANNOUNCE_INTERVAL_S)
            now = asyncio.get_running_loop().time()
            self._heard_at = {n: at for n, at in self._heard_at.items() if now - at < PEER_TTL_S}
            self._ending &= self._heard_at.keys()
            if self._name not in self._heard_at and self._hears_itself_since < math.inf:
                self._hears_itself_since = math.inf
                redis_outage.failed(TimeoutError("own announcements do not arrive"))

    async def publish_queued(self) -> None:
        """Publish queued envelopes until shutdown: what waits, in one round trip."""
        while True:
            batch = [await self._queue.get()]
            size = size_of(batch[0])
            while (
                not self._queue.empty()
                and len(batch) < MAX_TOGETHER
                and size < MAX_CHARACTERS_TOGETHER
            ):
                batch.append(self._queue.get_nowait())
                size += size_of(batch[-1])
            groups = by_group(item for part in batch for item in part)
            messages = {
                group: {"type": "hub", "events": pack(items)} for group, items in groups.items()
            }
            if not await self._try(self.publish_all(messages)):
                self._clear_queue()

    async def _open_channel(self) -> str:
        """Subscribe to this process's channel and to announcements, once Redis is available."""
        while True:
            try:
                async with bounded(REDIS_TIMEOUT_S):
                    if not self._channel:
                        self._channel = await self._layer.new_channel()
                    await self._layer.group_add(ANNOUNCEMENTS, self._channel)
            except Exception as error:  # Redis is unavailable, in any of its ways
                check_cancelled()
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
        except Exception as error:  # Redis is unavailable, in any of its ways; healing makes up
            check_cancelled()
            redis_outage.failed(error)
            return False
        return True

    def _clear_queue(self) -> None:
        """Drop all queued hints. A Redis that hangs takes one hint in two seconds: the rest would
        fill the memory, and arrive long after healing has brought the same changes."""
        while not self._queue.empty():
            self._queue.get_nowait()

    def _received(self, message: dict[str, Any]) -> None:
        try:
            self._deliver(unpack(message["events"]))
        except msgspec.DecodeError:
            # Another release encodes hints differently; its changes are found by revision.
            logger.debug("skipped a hint of another release")

    def _heard(self, name: str) -> None:
        now = asyncio.get_running_loop().time()
        if name == self._name:
            redis_outage.recovered()
            if name not in self._heard_at:
                self._hears_itself_since = now
        self._heard_at[name] = now


def by_group(envelopes: Iterable[Envelope]) -> dict[str, list[Envelope]]:
    """Envelopes by the group of their stream, in order."""
    groups: dict[str, list[Envelope]] = {}
    for item in envelopes:
        groups.setdefault(group_of(item.stream, item.to), []).append(item)
    return groups


def size_of(envelopes: Iterable[Envelope]) -> int:
    """The characters of their events."""
    return sum(len(item.event) for item in envelopes if item.event is not None)


def publish_without_hub(envelopes: list[Envelope]) -> None:
    """Publish from a process that has no hub: a worker, a management command."""
    layer: Any = get_channel_layer()

    async def send() -> None:
        async with bounded(REDIS_TIMEOUT_S):
            for group, items in by_group(envelopes).items():
                message = {"type": "hub", "from": "", "events": pack(items)}
                await layer.group_send(group, message)

    try:
        async_to_sync(send)()
    except Exception as error:  # Redis is unavailable, in any of its ways; healing makes up
        redis_outage.failed(error)
    else:
        redis_outage.recovered()
