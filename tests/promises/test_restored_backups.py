"""An older backup is restored, while devices are connected and while they are offline: all of them
are reset (promises 8 and 23)."""

import asyncio

import pytest

from tests.promises.sending import deliver, reconnecting
from tests.support.backups import DatabaseCopy
from tests.support.ledger import Ledger
from tests.support.live import database
from tests.support.people import session_of

BEFORE_BACKUP, AFTER_BACKUP = 8, 6
# The interval of the position check, and a margin for a busy machine.
NOTICED_WITHIN_S = 20.0


@pytest.fixture
def keys(cast):
    return [database(session_of, user) for user in (cast.alice, cast.bob)]


@pytest.fixture
def copy(keys, tmp_path):
    """A copy of the database that has the sessions of `keys`."""
    made = database(DatabaseCopy, tmp_path)
    yield made
    database(made.drop)


def texts(name, amount):
    return [f"{name} {number}" for number in range(amount)]


async def write(device, ledger, *, cast, words):
    for text in words:
        await deliver(device, ledger, chat=cast.chat, text=text)


async def stored(device, chat):
    async with device.http() as http:
        answer = await http.get(f"chats/{chat}/messages", params={"limit": 100})
    return {(item["seq"], item["id"]) for item in answer.json()["items"]}


async def judge(readers, witness, *, chat, since):
    """How many devices were not reset, hold entries that are not stored, or miss newer ones. A
    device that comes back has the newest entry, and would fetch those before it on scrolling."""
    rows = await stored(witness, chat)
    newest = {row for row in rows if row[0] > since}
    unsaid = phantoms = unseen = 0
    for reader in readers:
        held = {(seq, m["id"]) for seq, m in reader.state.messages[str(chat)].items()}
        unsaid += not reader.of_type("reset")
        phantoms += len(held - rows)
        first = min((seq for seq, _ in held if seq > since), default=since)
        unseen += sum(row[0] >= first for row in newest - held)
    return {"unsaid": unsaid, "phantoms": phantoms, "unseen": unseen}


@pytest.mark.parametrize("by_recipe", [True, False], ids=["by the recipe", "failover"])
async def test_every_client_is_reset_after_an_older_backup_is_restored(
    fresh_servers, cast, device, keys, copy, by_recipe
):
    servers = fresh_servers(2, DATABASE_URL=copy.url, SENDS_PER_SECOND="100000")
    alice = await device(servers[0], cast.alice, key=keys[0]).join()
    bobs = [await device(servers[n % 2], cast.bob, key=keys[1]).join() for n in range(4)]
    connected, away = bobs[:2], bobs[2:]
    readers = [alice, *connected, *away]
    ledger = Ledger("restored-backup")
    await write(alice, ledger, cast=cast, words=texts("kept", BEFORE_BACKUP))
    backup = await asyncio.to_thread(copy.dump)
    await write(alice, ledger, cast=cast, words=texts("lost", AFTER_BACKUP))
    for one in readers:
        await one.has(cast.chat, BEFORE_BACKUP + AFTER_BACKUP)
    for one in away:
        await one.cut()
    await asyncio.to_thread(copy.restore, backup)
    ledger.injections += 1
    if by_recipe:
        await asyncio.to_thread(copy.manage, "newepoch")
    ends = await asyncio.gather(*(one.lost(within=NOTICED_WITHIN_S) for one in (alice, *connected)))
    assert all(ends), "a connection stays open in a lost line of history"
    for one in (alice, *connected):
        await one.cut()
    # A server that looks during the restore begins an epoch, which ends with that of the recipe.
    async with reconnecting(alice, *connected, servers=servers):
        # More than was lost, so that the head passes every cursor.
        await write(alice, ledger, cast=cast, words=texts("new", AFTER_BACKUP + 4))
        async with reconnecting(*away, servers=servers):
            epoch = await asyncio.to_thread(copy.epoch)
            for one in readers:
                await one.knows(lambda state: state.epoch == epoch)
                await one.has(cast.chat, BEFORE_BACKUP + AFTER_BACKUP + 4)
    faults = await judge(readers, alice, chat=cast.chat, since=BEFORE_BACKUP)
    figures = " ".join(f"{name}={value}" for name, value in faults.items())
    print(f"\nfault={ledger.fault} injections={ledger.injections} readers={len(readers)} {figures}")
    assert faults == {"unsaid": 0, "phantoms": 0, "unseen": 0}
