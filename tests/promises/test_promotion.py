"""Promises 1 and 23 with a standby of PostgreSQL that is promoted under load: what was acknowledged
to a synchronous one is there, and what an asynchronous one lacks is said."""

import asyncio
import time

import psycopg
import pytest

from tests.promises.sending import come_back, deliver
from tests.support.ledger import Ledger
from tests.support.live import database
from tests.support.people import session_of
from tests.support.replicas import PostgresServer, url
from tests.support.servers import stores

# The interval of the position check, and a margin for a busy machine.
NOTICED_WITHIN_S = 20.0
STORED = "SELECT client_id::text, chat_id::text, seq, rev, id::text FROM chats_message"


@pytest.fixture
def keys(cast):
    return [database(session_of, user) for user in (cast.alice, cast.bob)]


@pytest.fixture
def three(keys):
    """Three servers; the first one runs, with a copy of the test's database that has the sessions
    of `keys`."""
    made = [PostgresServer() for _ in range(3)]
    database(made[0].start)
    made[0].copy_database(database(stores)["DATABASE_URL"])
    yield made
    for each in made:
        each.store.stop()


async def follow(new, old):
    """Start a standby."""
    await asyncio.to_thread(database, lambda: new.start(copy_of=old))


class Talk:
    """A person writes, and another one reads, until the block ends."""

    def __init__(self, fault, writer, reader, *, server, chat):
        self.ledger = Ledger(fault)
        self._devices = writer, reader
        self._server = server
        self._chat = chat
        self._over = asyncio.Event()

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._stay(each)) for each in self._devices]
        self._writing = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_):
        self._over.set()
        await self._writing
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def goes_on(self, amount=10):
        """Wait until so many more are acknowledged."""
        await self.ledger.has_acked(len(self.ledger.acked) + amount)

    async def _write(self):
        while not self._over.is_set():
            text = f"{self.ledger.fault} {self.ledger.sent}"
            await deliver(self._devices[0], self.ledger, chat=self._chat, text=text)
            await asyncio.sleep(0.02)

    async def _stay(self, device):
        while True:
            await come_back(device, [self._server])
            await device.lost(3600)
            await device.cut()


def judged(ledger, primary):
    """How many acknowledged messages are not stored as they were acknowledged, or stored twice."""
    with psycopg.connect(primary.url) as session:
        rows = session.execute(STORED).fetchall()
    stored = {row[0]: row[1:] for row in rows}
    lost = sum(stored.get(key) != position for key, position in ledger.acked.items())
    return {"lost": lost, "dup": len(rows) - len(stored)}


def said(ledger, faults, **figures):
    words = " ".join(f"{name}={value}" for name, value in {**faults, **figures}.items())
    print(f"\nfault={ledger.fault} sent={ledger.sent} acked={len(ledger.acked)} {words}")


async def test_a_promotion_loses_nothing_with_a_synchronous_standby_and_else_says_what(
    fresh_servers, cast, device, keys, three
):
    primary, second, third = three
    await follow(second, primary)
    await asyncio.to_thread(primary.require_standby)
    [server] = fresh_servers(1, DATABASE_URL=url(*three), SENDS_PER_SECOND="100000")
    alice = device(server, cast.alice, key=keys[0])
    bob = device(server, cast.bob, key=keys[1])

    async with Talk("promotion-sync", alice, bob, server=server, chat=cast.chat) as talk:
        await talk.goes_on(30)
        primary.kill()
        killed = time.monotonic()
        await asyncio.to_thread(second.promote)
        await talk.goes_on(1)
        back = time.monotonic() - killed
        while "timeline" not in server.log:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await talk.goes_on()
    faults = judged(talk.ledger, second)
    said(talk.ledger, faults, back_s=f"{back:.1f}", resets=len(alice.of_type("reset")))
    assert faults == {"lost": 0, "dup": 0}
    assert alice.of_type("reset") == bob.of_type("reset") == []
    assert "begins" not in server.log

    await asyncio.to_thread(second.ask, "ALTER SYSTEM RESET synchronous_standby_names")
    await asyncio.to_thread(second.ask, "SELECT pg_reload_conf()")
    await follow(third, second)
    async with Talk("promotion-async", alice, bob, server=server, chat=cast.chat) as talk:
        await talk.goes_on(10)
        await asyncio.to_thread(third.stop_receiving)
        await talk.goes_on(20)
        second.kill()
        await asyncio.to_thread(third.promote)
        for one in (alice, bob):
            await one.until(lambda event: event["type"] == "reset", within=NOTICED_WITHIN_S * 2)
        await talk.goes_on()
    faults = judged(talk.ledger, third)
    said(talk.ledger, faults, resets=len(alice.of_type("reset")) + len(bob.of_type("reset")))
    assert 20 <= faults["lost"] <= 60
    assert faults["dup"] == 0
    assert server.log.count("a new epoch begins") == 1
    with psycopg.connect(third.url) as session:
        rows = set(session.execute("SELECT seq, id::text FROM chats_message").fetchall())
    for one in (alice, bob):
        await one.has(cast.chat, max(seq for seq, _ in rows))
        held = {(seq, entry["id"]) for seq, entry in one.state.messages[str(cast.chat)].items()}
        assert held <= rows, "a phantom"
