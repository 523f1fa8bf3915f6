"""Devices that send until acknowledged, and reconnect after cuts."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from websockets.exceptions import InvalidHandshake

from tests.support.client import Device, Gone, Refusal
from tests.support.ledger import Ledger
from tests.support.servers import Server

RETRIED_CODES = ("rate_limited", "unavailable")


async def deliver(device: Device, ledger: Ledger, *, chat: UUID, text: str) -> None:
    """Send one text, with one client id, until it is acknowledged; record the ack."""
    client_id = str(uuid4())
    ledger.sent += 1
    while client_id not in ledger.acked:
        await device.online.wait()
        try:
            ledger.ack(client_id, await device.send(chat, text, client_id))
        except Gone:
            continue
        except Refusal as refusal:
            if refusal.code not in RETRIED_CODES:
                raise
            await asyncio.sleep(refusal.event.get("retry_after", 0.1))


async def stay(
    device: Device, servers: Sequence[Server], ledger: Ledger, *, seconds: tuple[float, float]
) -> None:
    """Keep a device online, at any of the servers, and cut its connection at random intervals."""
    while True:
        await come_back(device, servers)
        ledger.injections += not await device.lost(within=random.uniform(*seconds))
        await device.cut()


@asynccontextmanager
async def reconnecting(*devices: Device, servers: Sequence[Server]) -> AsyncIterator[None]:
    """Meanwhile these devices connect whenever they are not connected, however often a server ends
    their connections."""

    async def reconnect(device: Device) -> None:
        while True:
            await come_back(device, servers)
            if await device.lost(within=60):
                await device.cut()

    tasks = [asyncio.create_task(reconnect(device)) for device in devices]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def come_back(device: Device, servers: Sequence[Server]) -> None:
    """Connect and resume at any server that accepts, as behind a load balancer."""
    while not device.online.is_set():
        device.server = random.choice(servers).url
        try:
            await device.join()
        except (OSError, Gone, InvalidHandshake, EOFError, TimeoutError):
            await device.cut()
            await asyncio.sleep(0.1)
