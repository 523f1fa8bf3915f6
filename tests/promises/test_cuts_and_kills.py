"""Promises 1 to 4: acknowledged messages survive cuts and kills, once and in order."""

import asyncio
from uuid import uuid4

import pytest
from django.db import connection

from apps.chats.models import Member
from tests.promises.sending import come_back, deliver, stay
from tests.support.client import Gone
from tests.support.ledger import Ledger
from tests.support.live import database
from tests.support.locks import MEMBER, held
from tests.support.people import direct_chat, person

WHOLE = {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}


def four_who_talk_in_pairs():
    people = [person(f"{name}-{uuid4().hex[:8]}") for name in ("alice", "bob", "eve", "finn")]
    chats = [direct_chat(*people[:2]), direct_chat(*people[2:])]
    return people, chats


async def talk(device, ledger, *, chat, amount, pause):
    """Send `amount` texts, up to eight at a time."""
    places = asyncio.Semaphore(8)

    async def one(text):
        async with places:
            await deliver(device, ledger, chat=chat, text=text)
            await asyncio.sleep(pause)

    await asyncio.gather(*(one(f"{device.state.me['username']} {n}") for n in range(amount)))


async def test_a_thousand_sends_survive_cuts_and_a_killed_server(fresh_servers, device, long):
    servers = fresh_servers(2, SENDS_PER_SECOND="100000")
    people, chats = database(four_who_talk_in_pairs)
    places = [chats[0], chats[0], chats[1], chats[1]]
    ledger = Ledger("cut+kill9")
    devices = [device(servers[0], user) for user in people]
    ledger.readers = devices
    amount = 2_000 if long else 250

    await asyncio.gather(*(come_back(one, servers) for one in devices))
    staying = [
        asyncio.create_task(stay(one, servers, ledger, seconds=(0.5, 1.5))) for one in devices
    ]
    sending = [
        asyncio.create_task(talk(one, ledger, chat=chat, amount=amount, pause=0.25))
        for one, chat in zip(devices, places, strict=True)
    ]
    for share, victim in ((0.3, servers[0]), (0.6, servers[1])):
        await ledger.has_acked(share * 4 * amount)
        await asyncio.to_thread(victim.kill9)
        ledger.injections += 1
        await asyncio.to_thread(database, victim.restart)
    await asyncio.gather(*sending)
    for task in staying:
        task.cancel()
    await asyncio.wait(staying)
    for task in staying:
        assert task.cancelled(), task.exception()

    for one, chat in zip(devices, places, strict=True):
        await one.cut()
        await come_back(one, servers)
        await one.has(chat, 2 * amount)
    assert database(ledger.compare, chats) == WHOLE
    assert len(ledger.acked) == ledger.sent == 4 * amount
    assert ledger.injections > 6


async def test_sixteen_sends_at_once_with_one_client_id_are_one_message(servers, cast, device):
    devices = [device(servers[n % 2], cast.alice) for n in range(16)]
    bob = await device(servers[0], cast.bob).join()
    await asyncio.gather(*(one.join() for one in devices))
    mine = uuid4()
    acks = await asyncio.gather(*(one.send(cast.chat, "once", mine) for one in devices))
    assert len({(ack["seq"], ack["rev"], ack["id"], ack["at"]) for ack in acks}) == 1
    await bob.send(cast.chat, "Fence")
    await bob.has(cast.chat, 2)
    assert bob.state.texts(str(cast.chat)) == ["once", "Fence"]
    async with bob.http() as http:
        page = (await http.get(f"chats/{cast.chat}/messages")).json()
    assert [entry["text"] for entry in page["items"]] == ["once", "Fence"]


async def test_a_repeated_send_returns_the_first_message_on_any_transport(
    fresh_servers, cast, device
):
    servers = fresh_servers(2)
    mine = str(uuid4())
    first = await (await device(servers[0], cast.alice).join()).send(cast.chat, "once", mine)
    await asyncio.to_thread(servers[0].kill9)
    alice = await device(servers[1], cast.alice).join()
    again = await alice.send(cast.chat, "once", mine)
    async with alice.http() as http:
        posted = await http.post(
            f"chats/{cast.chat}/messages", json={"client_id": mine, "text": "once"}
        )
    assert posted.status_code == 200
    names = ("seq", "rev", "id", "at")
    assert [again[name] for name in names] == [first[name] for name in names]
    assert [posted.json()[name] for name in names] == [first[name] for name in names]


async def test_a_receipt_without_an_acknowledgement_has_not_moved_and_is_repeated(
    fresh_servers, cast, device
):
    """The server is killed between gathering a receipt and its commit."""
    [server] = fresh_servers(1)
    alice, bob = [await device(server, user).join() for user in (cast.alice, cast.bob)]
    await alice.send(cast.chat, "one")
    await bob.has(cast.chat, 1)
    read = {"positions": [{"chat": str(cast.chat), "read": 1}]}

    def place():
        return Member.objects.values_list("read_seq").get(chat=cast.chat, user=cast.bob)

    with held(MEMBER, cast.chat, cast.bob.id):
        receipt = asyncio.create_task(bob.call("receipts", **read))
        await asyncio.to_thread(database, somebody_waits_for_a_lock)
        await asyncio.to_thread(server.kill9)
        with pytest.raises(Gone):
            await receipt
    assert database(place) == (0,)
    await asyncio.to_thread(database, server.restart)
    await asyncio.gather(*(one.cut() for one in (alice, bob)))
    await asyncio.gather(*(one.join() for one in (alice, bob)))
    await bob.call("receipts", **read)
    assert database(place) == (1,)
    moved = await alice.until(lambda event: event["type"] == "receipt")
    assert moved["position"] == {"person": str(cast.bob.id), "read": 1, "delivered": 1}


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return


async def test_clients_end_complete_and_in_order_when_every_third_hint_is_dropped(
    fresh_servers, cast, device
):
    servers = fresh_servers(2, program="tests.support.dropping", SENDS_PER_SECOND="100000")
    ledger = Ledger("third-hint-dropped")
    ledger.readers = [
        await device(server, user).join()
        for server, user in zip(servers * 2, (cast.alice, cast.bob) * 2, strict=True)
    ]
    alice, bob = ledger.readers[:2]
    for number in range(60):
        sender = alice if number % 3 else bob
        await deliver(sender, ledger, chat=cast.chat, text=str(number))
    for reader in ledger.readers:
        await reader.has(cast.chat, 60)
    ledger.injections = sum(server.log.count("a hint was dropped") for server in servers)
    assert database(ledger.compare, [cast.chat]) == WHOLE
    assert ledger.injections > 20
    # The servers healed the losses; no client had to resume.
    assert [reader.resumes for reader in ledger.readers] == [1, 1, 1, 1]
