"""P4, the classic run: everybody sends 20 messages, one a second, and all are delivered."""

import time
from collections import Counter
from functools import partial

from bench import costs, profile
from bench.crowd import DATABASE, Crowd, processes_for, serving
from bench.load.spread import prepare
from bench.measure import percentile
from bench.options import Options
from bench.report import Row, Target
from bench.stack import Stores
from chatproject.load import fleet

PEOPLE = 28_232
MESSAGES = 20
AT_ONCE = 200
# The published run took as long, without storing anything.
SECONDS = Target(145, at_most=True)
TIMEOUT_S = 900.0
_row = partial(Row, row="P4")


async def run(stores: Stores, options: Options) -> list[Row]:
    """Count from the first connect to the last delivery, in chats of two."""
    if "parley" not in options.contestants:
        return []
    count = (options.people or PEOPLE) // 2 * 2
    web = processes_for(count, options.processes)
    load = fleet.processes_for(count, options.load_processes)
    with serving(stores, Crowd(chats=count // 2, size=2), processes=web) as (server, people):
        async with fleet.fleet("bench.load.classic", load) as clients:
            await prepare(clients, server.endpoint, people, count=load, together=2)
            with (
                profile.recording("parley classic", server, options, windowed=False),
                costs.spent(server, stores, clients.pids) as spent,
            ):
                began = time.perf_counter()
                each = max(AT_ONCE // load, 1)
                await clients.ask({"do": "connect", "at_once": each, "timeout_s": TIMEOUT_S})
                connected = time.perf_counter() - began
                parts = await clients.ask(
                    {"do": "send", "messages": MESSAGES, "timeout_s": TIMEOUT_S}
                )
        stored = stores.count(database=DATABASE, table="chats_message")
    print(f"  parley classic: {spent}", flush=True)
    faults: Counter[str] = sum((Counter(part["faults"]) for part in parts), Counter(lost=0))
    acknowledged = sum(part["acknowledged"] for part in parts)
    faults["not committed"] = acknowledged - stored
    if wrong := {name: number for name, number in faults.items() if number}:
        print(f"  faults: {wrong}", flush=True)
    sound = not any(faults.values()) and acknowledged == count * MESSAGES
    latencies = sorted(each for part in parts for each in part["latencies"])
    row = partial(_row, faults=faults, sound=sound)
    thousand = 1000 / max(acknowledged, 1)
    return [
        # A smaller run says nothing about the target.
        row(
            metric=f"{count:,} clients, {MESSAGES} messages each",
            value=spent.seconds,
            unit="s",
            target=SECONDS if count >= PEOPLE else None,
        ),
        row(metric="of that: connecting", value=connected, unit="s"),
        row(metric="messages", value=acknowledged / (spent.seconds - connected), unit="/s"),
        row(
            metric="refused at first, and sent again",
            value=sum(part["repeated"] for part in parts),
            unit="",
        ),
        row(metric="due to delivered, p50", value=1000 * percentile(latencies, 0.5), unit="ms"),
        row(metric="due to delivered, p99", value=1000 * percentile(latencies, 0.99), unit="ms"),
        row(
            metric="server + database",
            value=thousand * (spent.server + spent.database),
            unit="CPU-s per 1,000",
        ),
    ]
