"""Promises 5 and 17: without Redis, or across its restart, nothing is lost and soon all is told."""

import asyncio

from tests.promises.sending import deliver
from tests.support.ledger import Ledger
from tests.support.live import database

HEALED = 10.0


async def test_a_last_message_whose_hint_was_lost_is_shown_within_ten_seconds(
    servers, cast, device, valkey_server
):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    valkey_server.process.kill()
    valkey_server.process.wait()
    ack = await alice.send(cast.chat, "Committed without Redis")
    await asyncio.to_thread(database, valkey_server.restart)
    # Silence from here on: only the check of positions can find it.
    await bob.has(cast.chat, ack["seq"], within=HEALED)
    assert bob.state.texts(str(cast.chat)) == ["Committed without Redis"]
    assert bob.resumes == 1


async def test_receipts_and_contacts_are_told_again_after_a_restart_of_redis(
    servers, cast, device, valkey_server
):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    await asyncio.to_thread(database, valkey_server.restart)
    await alice.send(cast.chat, "Back?")
    await bob.has(cast.chat, 1, within=HEALED)
    await alice.call("contact.invite", person=str(cast.charlie.id))
    charlie = await device(servers[1], cast.charlie).join()
    assert [one["state"] for one in charlie.state.contacts.values()] == ["incoming"]
    await charlie.call("contact.accept", person=str(cast.alice.id))
    await alice.knows(
        lambda state: state.contacts[str(cast.charlie.id)]["state"] == "contact", HEALED
    )


async def test_what_began_while_redis_was_away_is_told_at_once_when_it_is_back(
    servers, cast, device, valkey_server
):
    """Streams opened without Redis are subscribed to when it returns; else each of their
    messages would wait for the next check of positions."""
    valkey_server.process.kill()
    valkey_server.process.wait()
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    await asyncio.to_thread(database, valkey_server.restart)
    ledger = Ledger("begun without Redis", injections=1, readers=[bob])
    quick = numbers_in_a_row = 0
    while numbers_in_a_row < 3:
        quick += 1
        began = asyncio.get_running_loop().time()
        await deliver(alice, ledger, chat=cast.chat, text=str(quick))
        await bob.has(cast.chat, quick, within=HEALED)
        at_once = asyncio.get_running_loop().time() - began < 2
        # A check every five seconds may be quick once by chance, not three times in a row.
        numbers_in_a_row = numbers_in_a_row + 1 if at_once else 0
        assert quick < 12, "each message waits for the check of positions"


async def test_without_redis_messages_are_acknowledged_and_delivered(
    servers, cast, device, valkey_server
):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    ledger = Ledger("redis-away", injections=1, readers=[alice, bob])
    valkey_server.process.kill()
    valkey_server.process.wait()
    try:
        for number in range(20):
            await deliver(alice, ledger, chat=cast.chat, text=str(number))
        for reader in ledger.readers:
            await reader.has(cast.chat, 20, within=HEALED)
    finally:
        await asyncio.to_thread(database, valkey_server.restart)
    faults = database(ledger.compare, [cast.chat])
    assert faults == {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}
