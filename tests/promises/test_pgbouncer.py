"""The core behind PgBouncer in transaction mode: a few server sessions, which all processes
share."""

import asyncio

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tests.promises.sending import deliver
from tests.support.ledger import Ledger
from tests.support.live import database
from tests.support.pgbouncer import POOL_SIZE, pgbouncer
from tests.support.servers import stores

__all__ = ["pgbouncer"]
WHOLE = {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'bouncer%'"


async def test_messages_receipts_and_pages_go_through_a_few_shared_sessions(
    fresh_servers, cast, device, pgbouncer
):
    servers = fresh_servers(
        2,
        DATABASE_URL=f"{pgbouncer}&application_name=bouncer",
        PGBOUNCER="true",
        SENDS_PER_SECOND="100000",
    )
    ledger = Ledger("pgbouncer")
    alice, bob = [
        await device(server, user).join()
        for server, user in zip(servers, (cast.alice, cast.bob), strict=True)
    ]
    ledger.readers = [alice, bob]
    chat = str(cast.chat)
    await asyncio.gather(
        *(
            deliver(one, ledger, chat=cast.chat, text=f"{n}")
            for n in range(100)
            for one in (alice, bob)
        )
    )
    for one in (alice, bob):
        await one.has(cast.chat, 200)
    await alice.send(chat, "the last one")
    await bob.has(chat, 201)
    place = len(alice.events)
    await bob.call("receipts", positions=[{"chat": chat, "read": 201}])
    await alice.until(lambda event: event["type"] == "receipt", since=place)
    async with bob.http() as http:
        page = await http.get(f"chats/{chat}/messages", params={"limit": 10})
        assert page.json()["items"][-1]["seq"] == 201
        found = await http.get("search", params={"q": "last", "kind": "messages"})
        assert found.status_code == 200
    await bob.cut()
    await alice.send(chat, "while Bob is away")
    await bob.join()
    await bob.has(chat, 202)
    assert database(ledger.compare, [cast.chat]) == WHOLE
    await bob.call("react", chat=chat, seq=201, emoji="👍")
    with psycopg.connect(database(stores)["DATABASE_URL"]) as session:
        assert 0 < session.execute(SESSIONS).fetchone()[0] <= POOL_SIZE
    for server in servers:
        assert "prepared statement" not in server.log
        assert "Traceback" not in server.log


def test_a_load_check_is_refused_behind_pgbouncer(settings):
    settings.PGBOUNCER = True
    with pytest.raises(CommandError, match="needs PostgreSQL itself"):
        call_command("loadcheck", "--users", "5")
