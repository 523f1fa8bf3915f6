"""P3, connections: people who connect and start from nothing, and the memory of their sockets."""

import asyncio
from functools import partial

from bench import costs, processes, profile
from bench.costs import Costs
from bench.crowd import serving
from bench.load.returning import ReturningDevice, arrive
from bench.options import Options
from bench.report import Row, Target
from bench.stack import Server, Stores

AT_ONCE = (16, 500)
# Of one process, and of several on one machine.
RATE, RATE_OF_SEVERAL = Target(1_000), Target(1_500)
MEMORY = Target(25, at_most=True)
# People who connected before memory is compared: pools of threads and connections are full then.
FIRST = 500
SETTLED_S = 10.0
_row = partial(Row, row="P3")


async def run(stores: Stores, options: Options) -> list[Row]:
    """Let everybody connect and stay, 16 at a time and then 500 at a time."""
    if "parley" not in options.contestants:
        return []
    rows: list[Row] = []
    with serving(stores, options, chats=options.people // 2, size=2) as (server, people):
        devices = [ReturningDevice(server.endpoint, person) for person in people]
        for at_once in AT_ONCE:
            await arrive(devices[:FIRST], at_once=at_once)
            await asyncio.sleep(SETTLED_S)
            memory = sum(map(processes.resident_bytes, server.processes))
            name = f"parley {at_once} at a time"
            with (
                profile.recording(name, server, options, windowed=False),
                costs.spent(server, stores) as spent,
            ):
                await arrive(devices[FIRST:], at_once=at_once)
            print(f"  {name}: {spent}", flush=True)
            rows += _rows(at_once, devices[FIRST:], spent, options)
            await asyncio.sleep(SETTLED_S)
            memory = sum(map(processes.resident_bytes, server.processes)) - memory
            rows.append(
                _row(
                    metric=f"{at_once} at a time: memory of a socket",
                    value=memory / 1024 / len(devices[FIRST:]),
                    unit="KiB",
                    # The second time, memory of the first connections is used again.
                    target=MEMORY if at_once == AT_ONCE[0] else None,
                    sound=_all_connected(devices),
                )
            )
            await _all_leave(devices, server)
    return rows


def _rows(
    at_once: int, devices: list[ReturningDevice], spent: Costs, options: Options
) -> list[Row]:
    count, sound = len(devices), _all_connected(devices)
    target = RATE if options.processes == 1 else RATE_OF_SEVERAL
    several = partial(_row, sound=sound)
    return [
        several(
            metric=f"{at_once} at a time", value=count / spent.seconds, unit="/s", target=target
        ),
        several(
            metric=f"{at_once} at a time: server", value=1000 * spent.server / count, unit="CPU-ms"
        ),
        several(
            metric=f"{at_once} at a time: database",
            value=1000 * spent.database / count,
            unit="CPU-ms",
        ),
        several(
            metric=f"{at_once} at a time: round trips to Redis",
            value=spent.redis_reads / count,
            unit="each",
        ),
    ]


def _all_connected(devices: list[ReturningDevice]) -> bool:
    return all(device.connected and device.attempts == device.arrivals for device in devices)


async def _all_leave(devices: list[ReturningDevice], server: Server) -> None:
    for device in devices:
        device.cut()
    await asyncio.sleep(SETTLED_S)  # until presence has forgotten them
    for device in devices:
        device.forget()
