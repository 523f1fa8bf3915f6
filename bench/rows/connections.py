"""P3, connections: people who connect and start from nothing, and what their sockets cost then:
memory, and processor time while nothing happens."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

from bench import costs, profile
from bench.costs import Costs
from bench.crowd import Crowd, processes_for, serving
from bench.load.spread import prepare
from bench.options import Options
from bench.report import Row, Target
from bench.stack import Server, Stores
from chatproject.load import fleet, processes
from chatproject.load.fleet import Fleet

AT_ONCE = (16, 500)
# Of one process, and of several on one machine.
RATE, RATE_OF_SEVERAL = Target(1_000), Target(1_500)
MEMORY = Target(25, at_most=True)
PEOPLE = 10_000
# People who connected before memory is compared: pools of threads and connections are full then.
FIRST = 500
SETTLED_S = 10.0
# Two heartbeats and pings of everybody, and a dozen checks of all sessions and positions.
HELD_S = 60.0
_row = partial(Row, row="P3")


async def run(stores: Stores, options: Options) -> list[Row]:
    """Let everybody connect and stay, 16 at a time and then 500 at a time."""
    if "parley" not in options.contestants:
        return []
    rows: list[Row] = []
    count = options.people or PEOPLE
    web = processes_for(count, options.processes)
    load = fleet.processes_for(count, options.load_processes)
    with serving(stores, Crowd(chats=count // 2, size=2), processes=web) as (server, people):
        async with fleet.fleet("bench.load.arriving", load) as devices:
            await prepare(devices, server.endpoint, people, count=load, together=2)
            for at_once in AT_ONCE:
                name = f"parley {at_once} at a time"
                each = max(at_once // load, 1)
                first = min(FIRST, len(people) // 2) // load
                await devices.ask({"do": "arrive", "end": first, "at_once": each})
                await asyncio.sleep(SETTLED_S)
                memory = _memory(server)
                with (
                    profile.recording(name, server, options, windowed=False),
                    costs.spent(server, stores, devices.pids) as spent,
                ):
                    arriving = devices.ask({"do": "arrive", "start": first, "at_once": each})
                    grown = await _watched(arriving, server)
                print(f"  {name}: {spent}", flush=True)
                found = await devices.ask({"do": "look"})
                sound = sum(each["sound"] for each in found) == len(people)
                arrived = len(people) - first * load
                rows += _rows(at_once, arrived, spent, several=web > 1, sound=sound)
                await asyncio.sleep(SETTLED_S)
                found = await devices.ask({"do": "look"})
                rows.append(
                    _row(
                        metric=f"{at_once} at a time: memory of a socket",
                        value=(_memory(server) - memory) / 1024 / arrived,
                        unit="KiB",
                        # The second time, memory of the first connections is used again.
                        target=MEMORY if at_once == AT_ONCE[0] else None,
                        points=grown if at_once == AT_ONCE[0] else (),
                        sound=sum(each["sound"] for each in found) == len(people),
                    )
                )
                if at_once == AT_ONCE[-1]:
                    rows += await _held(server, stores, options, devices, len(people))
                await _all_leave(devices)
    return rows


async def _held(
    server: Server, stores: Stores, options: Options, devices: Fleet, count: int
) -> list[Row]:
    """What open connections cost while nothing happens."""
    with (
        profile.recording("parley held", server, options, windowed=False),
        costs.spent(server, stores, devices.pids) as spent,
    ):
        await asyncio.sleep(HELD_S)
    print(f"  parley held: {spent}", flush=True)
    each = 60_000 / spent.seconds / count
    return [
        _row(metric=f"{count:,} held: {name}", value=each * cpu, unit="CPU-ms a minute")
        for name, cpu in (
            ("server", spent.server),
            ("database", spent.database),
            ("Redis", spent.redis),
        )
    ]


async def _watched(
    arriving: Coroutine[Any, Any, list[Any]], server: Server
) -> list[tuple[float, float]]:
    """Connections and MiB of memory gained, each second until all have arrived."""
    port, before = server.endpoint.port, _memory(server)
    found = []
    work = asyncio.ensure_future(arriving)
    while not work.done():
        await asyncio.wait([work], timeout=1)
        found.append((processes.sockets(port), (_memory(server) - before) / 2**20))
    await work
    return found


def _memory(server: Server) -> int:
    return sum(map(processes.resident_bytes, server.processes))


def _rows(at_once: int, count: int, spent: Costs, *, several: bool, sound: bool) -> list[Row]:
    row = partial(_row, sound=sound)
    return [
        row(
            metric=f"{at_once} at a time",
            value=count / spent.seconds,
            unit="/s",
            target=RATE_OF_SEVERAL if several else RATE,
        ),
        row(
            metric=f"{at_once} at a time: server", value=1000 * spent.server / count, unit="CPU-ms"
        ),
        row(
            metric=f"{at_once} at a time: database",
            value=1000 * spent.database / count,
            unit="CPU-ms",
        ),
        row(
            metric=f"{at_once} at a time: round trips to Redis",
            value=spent.redis_reads / count,
            unit="each",
        ),
    ]


async def _all_leave(devices: Fleet) -> None:
    await devices.ask({"do": "leave"})
    await asyncio.sleep(SETTLED_S)  # until presence has forgotten them
    await devices.ask({"do": "forget"})
