"""Promises 5 and 17: without Redis, or across its restart, all messages arrive in time."""

import asyncio
import logging
import signal
from contextlib import contextmanager

from apps.accounts.actions import accounts
from apps.wire.close_codes import CloseCode
from tests.promises.sending import deliver
from tests.support.ledger import Ledger
from tests.support.live import database

HEALED_WITHIN_S = 10.0
# The interval of the session check, and the two seconds that a worker waits for Redis.
ENDED_WITHIN_S = 8.0


async def test_a_last_message_whose_hint_was_lost_arrives_within_ten_seconds(
    servers, cast, device, valkey_server
):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    valkey_server.process.kill()
    valkey_server.process.wait()
    ack = await alice.send(cast.chat, "Committed without Redis")
    await asyncio.to_thread(database, valkey_server.restart)
    # No more hints from here on: only the position check can find it.
    await bob.has(cast.chat, ack["seq"], within=HEALED_WITHIN_S)
    assert bob.state.texts(str(cast.chat)) == ["Committed without Redis"]
    assert bob.resumes == 1


async def test_receipts_and_contacts_are_live_again_after_a_restart_of_redis(
    servers, cast, device, valkey_server
):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    await asyncio.to_thread(database, valkey_server.restart)
    await alice.send(cast.chat, "Back?")
    await bob.has(cast.chat, 1, within=HEALED_WITHIN_S)
    await alice.call("contact.invite", person=str(cast.charlie.id))
    charlie = await device(servers[1], cast.charlie).join()
    assert [one["state"] for one in charlie.state.contacts.values()] == ["incoming"]
    await charlie.call("contact.accept", person=str(cast.alice.id))
    await alice.knows(
        lambda state: state.contacts[str(cast.charlie.id)]["state"] == "contact", HEALED_WITHIN_S
    )


async def test_feeds_opened_during_an_outage_of_redis_are_live_after_it(
    servers, cast, device, valkey_server
):
    """Feeds opened without Redis are subscribed when it is back; otherwise each of their messages
    would wait for the next position check."""
    valkey_server.process.kill()
    valkey_server.process.wait()
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    await asyncio.to_thread(database, valkey_server.restart)
    ledger = Ledger("begun without Redis", injections=1, readers=[bob])
    number = quick_in_a_row = 0
    while quick_in_a_row < 3:
        number += 1
        began = asyncio.get_running_loop().time()
        await deliver(alice, ledger, chat=cast.chat, text=str(number))
        await bob.has(cast.chat, number, within=HEALED_WITHIN_S)
        at_once = asyncio.get_running_loop().time() - began < 2
        # A check every five seconds may be quick once by chance, not three times in a row.
        quick_in_a_row = quick_in_a_row + 1 if at_once else 0
        assert number < 12, "each message waits for the position check"


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
            await reader.has(cast.chat, 20, within=HEALED_WITHIN_S)
    finally:
        await asyncio.to_thread(database, valkey_server.restart)
    faults = database(ledger.compare, [cast.chat])
    assert faults == {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}


async def test_messages_sent_while_redis_hangs_arrive_within_ten_seconds(
    servers, cast, device, valkey_server
):
    """Stopped, not killed: its socket accepts data and never replies."""
    alice = await device(servers[0], cast.alice).join()
    # The join opens feeds, which wait for their subscriptions.
    bob = device(servers[1], cast.bob)
    ledger = Ledger("redis-hangs", injections=1, readers=[bob])
    with hanging(valkey_server):
        await bob.join()
        await deliver(alice, ledger, chat=cast.chat, text="Committed while Redis hangs")
        # No more hints from here on: only the position check can find it.
        began = asyncio.get_running_loop().time()
        await bob.has(cast.chat, 1, within=HEALED_WITHIN_S)
        shown = asyncio.get_running_loop().time() - began
    print(f"\nfault={ledger.fault} injections=1 sent=1 shown_after={shown:.1f}s")


async def test_sessions_end_while_redis_hangs(servers, cast, device, valkey_server, caplog):
    phone = await device(servers[0], cast.alice).join()
    laptop = await device(servers[1], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    with hanging(valkey_server):
        await asyncio.to_thread(database, deactivate, cast.alice)
        codes = await asyncio.gather(phone.closed(ENDED_WITHIN_S), laptop.closed(ENDED_WITHIN_S))
        assert not await bob.lost(within=0)
    assert codes == [CloseCode.SIGNED_OUT] * 2
    # The worker is this process: hints that it could not publish are no error.
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def deactivate(user):
    accounts.deactivate(user.id)


@contextmanager
def hanging(store):
    """Stop a store without ending it."""
    store.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        store.process.send_signal(signal.SIGCONT)
