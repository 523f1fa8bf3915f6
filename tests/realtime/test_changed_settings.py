"""Every web process, and its clients, follow what administrators change, without Redis, too."""

import asyncio
from urllib.request import Request, urlopen

import pytest

from apps.configuration.actions.changes import change, revert
from apps.emoji.actions import emoji
from apps.emoji.queries.emoji import revision
from apps.moderation.actions.audit import By, Door
from tests.emoji.conftest import PICTURE
from tests.support.client import Device
from tests.support.live import database
from tests.support.people import person, session_of
from tests.support.runtime import runtime_settings

__all__ = ["runtime_settings"]
OPERATOR = By(None, Door.COMMAND)
CHANGED = {
    "limit.reads": "4000",
    "REGISTRATION": "off",
    "MAX_FILE_MB": "7",
    "MOTD": "Away on Sunday",
}


def add_emoji(maker):
    emoji.add(maker.id, name="party_cat", picture=PICTURE)


@pytest.mark.usefixtures("runtime_settings")
async def test_all_processes_and_their_clients_follow_a_change_without_redis(
    start_server, tmp_path
):
    reader = await asyncio.to_thread(database, person, "rita")
    key = await asyncio.to_thread(database, session_of, reader)

    def seen(server):
        """The limit of reads, and whether registration is open, in this process."""
        me = Request(f"{server.url}/api/v1/me", headers={"Cookie": f"parley={key}"})
        with urlopen(me) as answer:
            amount = answer.headers["RateLimit-Policy"].split(";")[1]
        with urlopen(f"{server.url}/accounts/signup/") as answer:
            return amount, b'name="username"' in answer.read()

    def start(n):
        absent = f"unix://{tmp_path}/nobody.sock"
        return start_server(n=n, REDIS_URL=absent, LIMITS_TIMES="1", REGISTRATION="open")

    async def told(device, since):
        event = await device.until(lambda event: event["type"] == "server", since=since)
        return event["limits"]["file_bytes"], event.get("motd", "")

    async def are(servers, wanted):
        found = [await asyncio.to_thread(seen, server) for server in servers]
        assert found == [wanted] * len(servers)

    servers = await asyncio.to_thread(start, 2)
    devices = [await Device(server.url, key).join() for server in servers]
    try:
        await are(servers, ("q=400", True))
        places = [len(device.events) for device in devices]
        await asyncio.to_thread(database, change, OPERATOR, CHANGED)
        for device, place in zip(devices, places, strict=True):
            assert await told(device, place) == (7_000_000, "Away on Sunday")
        await are(servers, ("q=4000", False))
        # A process that starts later has them before its first request.
        [later] = await asyncio.to_thread(start, 1)
        await are([later], ("q=4000", False))
        devices.append(await Device(later.url, key).join())
        welcome = devices[-1].events[0]
        assert (welcome["limits"]["file_bytes"], welcome["motd"]) == (7_000_000, "Away on Sunday")
        places = [len(device.events) for device in devices]
        await asyncio.to_thread(database, revert, OPERATOR)
        for device, place in zip(devices, places, strict=True):
            assert await told(device, place) == (100_000_000, "")
        await are([*servers, later], ("q=400", True))
        # So do those of the custom emoji.
        places = [len(device.events) for device in devices]
        await asyncio.to_thread(database, add_emoji, reader)
        for device, place in zip(devices, places, strict=True):
            event = await device.until(lambda event: event["type"] == "server", since=place)
            assert event["emoji"] == await asyncio.to_thread(database, revision)
    finally:
        for device in devices:
            await device.leave()
