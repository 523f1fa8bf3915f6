"""P5, people at work: they open the list and a chat, and write, with human pauses."""

import asyncio
from functools import partial

from bench import costs, profile
from bench.crowd import DATABASE, Crowd, processes_for, serving
from bench.options import Options
from bench.report import Row, Target
from bench.stack import Stores
from chatproject.load import fleet, processes
from chatproject.load.at_work import SIGNS_IN, Person, merged, orders, percentile

PEOPLE = 6_000
TEAM, HISTORY = 5, 50
PAUSE_S = 10.0
PASSWORD = "correct horse battery"
P99 = Target(500, at_most=True)
_row = partial(Row, row="P5")


async def run(stores: Stores, options: Options) -> list[Row]:
    """Everybody arrives within a session's time, and has three sessions."""
    if "parley" not in options.contestants:
        return []
    teams = max((options.people or PEOPLE) // TEAM, 1)
    web = processes_for(teams * TEAM, options.processes)
    load = fleet.processes_for(teams * TEAM, options.load_processes)
    crowd = Crowd(chats=teams, size=TEAM, password=PASSWORD, messages=HISTORY)
    with serving(stores, crowd, processes=web) as (server, people):
        before = stores.count(database=DATABASE, table="chats_message")
        given = orders(
            server.endpoint,
            [
                Person(person.username, person.chat, person.cookie if n % SIGNS_IN else "")
                for n, person in enumerate(people)
            ],
            count=load,
            password=PASSWORD,
            pause=PAUSE_S,
        )
        async with fleet.fleet("chatproject.load.at_work", load) as workers:
            with (
                profile.recording("parley at work", server, options, windowed=False),
                costs.spent(server, stores, workers.pids) as spent,
            ):
                work = asyncio.ensure_future(workers.ask_each(given))
                peak = 0
                while not work.done():
                    await asyncio.wait([work], timeout=1)
                    peak = max(peak, processes.sockets(server.endpoint.port))
                outcome = merged(work.result())
        stored = stores.count(database=DATABASE, table="chats_message") - before
        log = server.log_tail()
    print(f"  parley at work: {spent}", flush=True)
    if outcome.problems:
        print(f"  problems: {outcome.problems}\n{log}", flush=True)
    everything = [each for seconds in outcome.seconds.values() for each in seconds]
    row = partial(_row, sound=not outcome.problems and stored == outcome.acknowledged)
    rows = [
        row(
            metric=f"{len(people):,} people: every request, p99",
            value=percentile(everything, 0.99),
            unit="ms",
            target=P99 if len(people) >= PEOPLE else None,
        ),
        row(metric="every request, p50", value=percentile(everything, 0.5), unit="ms"),
        row(metric="requests", value=len(everything) / spent.seconds, unit="/s"),
        row(metric="most connections at once", value=peak, unit="connections"),
        row(
            metric="server + database",
            value=1000 * (spent.server + spent.database) / max(len(everything), 1),
            unit="CPU-ms a request",
        ),
    ]
    for kind, seconds in outcome.seconds.items():
        rows.append(row(metric=f"{kind}, p99", value=percentile(seconds, 0.99), unit="ms"))
    return rows
