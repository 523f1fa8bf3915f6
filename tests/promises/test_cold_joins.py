"""A connection that joins a stream behind its cursor is caught up (promise 24)."""

import asyncio
import random
from uuid import uuid4

from apps.chats.actions import groups
from tests.promises.sending import come_back
from tests.support.ledger import Ledger
from tests.support.live import database
from tests.support.people import direct_chat, person
from tests.support.reading import chat_revs

STREAMS = 20
WRITERS = 4


def everybody():
    """A writer in some groups, and two readers."""
    mark = uuid4().hex[:8]
    writer, bob, eve = (person(f"{name}-{mark}") for name in ("writer", "bob", "eve"))
    for each in (bob, eve):
        direct_chat(writer, each)
    crews = [groups.create_group(writer.id, f"Crew {n}", [bob.id, eve.id]) for n in range(STREAMS)]
    return writer, bob, eve, crews


async def test_devices_that_join_cold_streams_under_load_miss_nothing(fresh_servers, device, long):
    rounds, devices = (10, 5) if long else (1, 2)
    writer, bob, eve, crews = database(everybody)
    [server] = fresh_servers(1, program="tests.support.late_reading", SENDS_PER_SECOND="100000")
    ledger = Ledger("cold-join")
    for number in range(rounds):
        if number:  # All streams are cold again.
            await asyncio.to_thread(database, server.restart)
        readers = [device(server, who) for who in [bob] * devices + [eve] * devices]
        # The writer does not listen: its connection would have read the streams first.
        async with device(server, writer).http() as http:
            writing = asyncio.gather(*(write(http, ledger, crews) for _ in range(WRITERS)))
            await asyncio.gather(*(come_back(one, [server]) for one in readers))
            ledger.injections += len(readers) * STREAMS
            await asyncio.sleep(0.5)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        await asyncio.sleep(1)
        heads = await asyncio.to_thread(database, chat_revs, writer.id)
        missing = [sum(one.state.cursors[str(c)] < heads[c] for c in crews) for one in readers]
        # A device that notices a missing event by a later one resumes by itself.
        noticed = [one.resumes - 1 for one in readers]
        figures = f"injections={ledger.injections} sent={ledger.sent} missing={sum(missing)}"
        figures += f" noticed={sum(noticed)}"
        print(f"\nfault={ledger.fault} {figures}")
        assert missing == noticed == [0] * len(readers)
        for one in readers:
            await one.leave()


async def write(http, ledger, crews):
    """Send to random groups, as fast as the server accepts."""
    while True:
        body = {"client_id": str(uuid4()), "text": f"word {ledger.sent}"}
        answer = await http.post(f"chats/{random.choice(crews)}/messages", json=body)
        ledger.sent += answer.is_success
