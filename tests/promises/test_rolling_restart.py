"""Promise 16: a rolling restart of every process loses nothing, and clients come back in turns."""

import asyncio
import time
from collections import Counter
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import InvalidHandshake

from apps.wire.close_codes import CloseCode
from tests.promises.sending import deliver
from tests.support.client import Gone
from tests.support.ledger import Ledger
from tests.support.listeners import Refused, listener
from tests.support.live import database
from tests.support.people import direct_chat, person
from tests.support.shared_port import open_port
from tests.support.workers import workers

__all__ = ["listener", "open_port", "workers"]
WHOLE = {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}
# Of ten devices, as in load L.
WAYS = ["socket"] * 6 + ["stream"] * 2 + ["poll"] * 2


class Follower:
    """A device that goes to another process when it is told to, as our client does."""

    def __init__(self, device):
        self.device = device
        self.reconnects = []
        # Losses and failures that nobody announced, as (transport, what).
        self.unexpected = []

    async def run(self):
        """Listen until cancelled."""
        device = self.device
        while True:
            place = len(device.events)
            try:
                await device.join()
            except (OSError, Gone, InvalidHandshake, EOFError, TimeoutError) as error:
                self.unexpected.append((device.way, repr(error)))
                await device.cut()
                await asyncio.sleep(0.1)
                continue
            await self._until_told(place)

    async def _until_told(self, place):
        device = self.device
        told = asyncio.ensure_future(
            device.until(lambda event: event["type"] == "reconnect", since=place, within=3600)
        )
        ended = asyncio.ensure_future(device.lost(3600))
        await asyncio.wait([told, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not told.done():
            told.cancel()
            self.unexpected.append((device.way, f"ended {device.ending} {device.failure!r}"))
            await device.cut()
            return
        self.reconnects.append(time.monotonic())
        if device.way == "poll":  # the next poll goes elsewhere by itself
            await self._until_told(len(device.events))
            return
        device.online.clear()
        async with asyncio.timeout(3):
            while device._pending:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await device.cut()


def pairs(number):
    people = [person(f"p{n}-{uuid4().hex[:8]}") for n in range(2 * number)]
    chats = [direct_chat(*people[2 * n : 2 * n + 2]) for n in range(number)]
    return people, chats


async def test_a_rolling_restart_loses_nothing_and_spreads_the_reconnects(
    open_port, workers, listener, long
):
    program = "chatproject.run.web" if long else "tests.support.quick_drain"
    port = open_port(2, program=program, SENDS_PER_SECOND="100000", LIMITS_TIMES="10")
    people, chats = database(pairs, 50 if long else 5)
    ledger = Ledger("rolling-restart")
    followers = [
        Follower(listener(port, user, WAYS[n % len(WAYS)]))
        for n, user in enumerate(people * (2 if long else 1))
    ]
    ledger.readers = [each.device for each in followers]
    following = [asyncio.create_task(each.run()) for each in followers]
    await asyncio.gather(*(each.device.online.wait() for each in followers))
    # Half a minute more: other tests stop and kill workers in the middle of their work.
    background = (
        [database(workers.tasks), database(workers.push)[0], database(workers.beat)] if long else []
    )
    over = asyncio.Event()
    sending = [
        asyncio.create_task(
            talk(each.device, ledger, chats[n // 2], over, pause=2.0 if long else 0.2)
        )
        for n, each in enumerate(followers[: len(people)])
    ]
    took, spreads = [], []
    for old in list(port.processes):
        await asyncio.to_thread(database, port.replace, old)
        begun = time.monotonic()
        assert await asyncio.to_thread(old.wait, 30) == -15
        took.append(time.monotonic() - begun)
        ledger.injections += 1
        spreads.append([at for each in followers for at in each.reconnects if at > begun])
        await ledger.has_acked(len(ledger.acked) + 10)
    for process in background:
        await asyncio.to_thread(process.drain)
        await asyncio.to_thread(process.wait, 20)
        ledger.injections += 1
    over.set()
    await asyncio.gather(*sending)
    for n, each in enumerate(followers):
        chat = chats[n % len(people) // 2]
        await each.device.has(chat, sum(entry[0] == str(chat) for entry in ledger.acked.values()))
    for task in following:
        task.cancel()
    await asyncio.wait(following)

    assert database(ledger.compare, chats) == WHOLE
    assert len(ledger.acked) == ledger.sent
    for times, exit_s in zip(spreads, took, strict=True):
        by_second = Counter(int(at - min(times)) for at in times)
        seconds = [by_second[n] for n in range(max(by_second, default=0) + 1)]
        print(f"reconnects={len(times)} exit_s={exit_s:.1f} by_second={seconds}")
        # How many came to which process is the kernel's choice.
        assert len(times) < 40 or max(times) - min(times) >= 10
    # A poll whose response was on its way goes elsewhere without being told.
    assert all(each.reconnects or each.device.way == "poll" for each in followers)
    unexpected = Counter(each for follower in followers for each in follower.unexpected)
    print(f"unexpected={unexpected.total()}")
    assert not unexpected


async def talk(device, ledger, chat, over, *, pause):
    number = 0
    while not over.is_set():
        number += 1
        try:
            await deliver(device, ledger, chat=chat, text=f"{number}")
        except Refused as refusal:
            raise AssertionError(refusal.answer.text) from refusal
        await asyncio.sleep(pause)


async def test_a_process_that_drains_says_so_and_then_refuses_connections(
    fresh_servers, cast, listener
):
    leaving, staying = fresh_servers(2, program="tests.support.quick_drain")
    devices = [await listener(leaving, cast.alice, way).join() for way in ("socket", "stream")]
    polling = await listener(leaving, cast.bob, "poll").join()
    leaving.drain()
    async with httpx.AsyncClient() as http:
        while (ready := await http.get(f"{leaving.url}/readyz")).status_code == 200:
            pass
        assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
        assert (await http.get(f"{leaving.url}/livez")).status_code == 200
    for device in (*devices, polling):
        await device.until(lambda event: event["type"] == "reconnect")
    # They do not know the event, and stay.
    assert await devices[0].ended() == CloseCode.RESTARTING
    assert await devices[1].ended() == CloseCode.RESTARTING
    with pytest.raises(OSError):  # noqa: PT011
        await devices[0].join()
    assert leaving.wait(20) == -15
    assert "Traceback" not in leaving.log
    devices[0].server = staying.url
    await devices[0].join()
