"""P14L, life for long: the teams of P14 at 200 messages a second, in which people also type, step
away, and lose their connections. Memory has to be flat."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from statistics import mean
from time import perf_counter
from typing import Any

from bench import profile
from bench.contestants import PRODUCT
from bench.load.client import ChatUnderLoad
from bench.load.clients import connect, disconnect, disconnect_reasons
from bench.load.readers import ReadingClient
from bench.load.restless import TypingWindow, come_back, step_away
from bench.load.returning import ReturningDevice, arrive
from bench.load.workload import OpenLoop
from bench.measure import Meter, WindowResult, measure, percentile
from bench.options import Options
from bench.people import TEAM_SIZE
from bench.report import Row, print_window
from bench.rows.life import CPU, CPU_UNIT, MEMORY, P99, RECEIPT_P99
from bench.stack import Stores

RATE = 200
# Of each team of twenty: a tenth of all people reconnects each minute.
RECONNECT = 2
MEMORY_EVERY_S = 10.0
SETTLE_TIMEOUT_S = 60.0
# Until buffers and pools are full.
FIRST_S = 120.0


async def run(stores: Stores, options: Options) -> list[Row]:
    """Send at 200 messages a second for `options.seconds`."""
    if "parley" not in options.contestants:
        return []
    with PRODUCT.serving(stores, processes=options.processes) as (server, people):
        gone = [each for n, each in enumerate(people.teams) if n % TEAM_SIZE < RECONNECT]
        stay = [each for n, each in enumerate(people.teams) if n % TEAM_SIZE >= RECONNECT]
        chats = await connect(server.endpoint, stay, ReadingClient)
        devices = [ReturningDevice(server.endpoint, person) for person in gone]
        await arrive(devices, at_once=10)
        window = TypingWindow(chats=chats)
        meter = Meter(server, stores)
        memory: list[tuple[float, float]] = []
        stored = PRODUCT.rows(stores)
        with profile.recording("parley long life", server, options):
            async with (
                _meanwhile(_watch(meter, memory)),
                _meanwhile(step_away(window.clients)),
                _meanwhile(come_back(devices)),
            ):
                result = await measure(
                    "parley long life",
                    window=window,
                    workload=OpenLoop(RATE),
                    meter=meter,
                    seconds=options.seconds,
                )
        stored = PRODUCT.rows(stores) - stored
        result.faults.update(await _missed(devices, chats))
        ended = disconnect_reasons(chats)
        result = replace(result, rows_equal_acks=stored == window.acked, notes=ended[:1])
        print_window(result)
        disconnect(chats)
    print(f"  {window.typed} typed, {sum(each.arrivals for each in devices)} arrivals", flush=True)
    return _rows(result, memory, sound=result.sound and not ended)


async def _missed(devices: list[ReturningDevice], chats: list[ChatUnderLoad]) -> Counter[str]:
    """What devices did not receive in the end, or not once and in order."""
    await arrive([each for each in devices if not each.connected])
    acknowledged = {chat.id: chat.acknowledged for chat in chats}
    until = perf_counter() + SETTLE_TIMEOUT_S
    while True:
        found = Counter(snapshots=sum(each.snapshots - 1 for each in devices))
        for each in devices:
            found.update(each.faults(acknowledged[each.person.chat]))
        if not found["lost"] or perf_counter() > until:
            return found
        await asyncio.sleep(0.1)


async def _watch(meter: Meter, memory: list[tuple[float, float]]) -> None:
    began = perf_counter()
    while True:
        memory.append((perf_counter() - began, meter.memory() / 2**20))
        await asyncio.sleep(MEMORY_EVERY_S)


def _rows(result: WindowResult, memory: list[tuple[float, float]], *, sound: bool) -> list[Row]:
    row = partial(Row, row="P14L", faults=result.faults, sound=sound)
    settled = [size for at, size in memory if at >= FIRST_S] or [memory[-1][1]]
    few = max(len(settled) // 10, 1)
    grown = mean(settled[-few:]) - mean(settled[:few])
    p50, p99 = (1000 * result.percentile(share) for share in (0.5, 0.99))
    receipt = 1000 * percentile(result.receipt_latencies, 0.99)
    return [
        row(metric="messages acknowledged", value=result.acked_rate, unit="/s"),
        row(metric="server + database", value=result.cpu_per_1000, unit=CPU_UNIT, target=CPU[RATE]),
        row(metric="sent to delivered, p50", value=p50, unit="ms"),
        row(metric="sent to delivered, p99", value=p99, unit="ms", target=P99[RATE]),
        row(metric="receipt to its ack, p99", value=receipt, unit="ms", target=RECEIPT_P99),
        row(metric="memory at first", value=mean(settled[:few]), unit="MiB"),
        row(metric="memory gained", value=grown, unit="MiB", target=MEMORY, points=memory),
    ]


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()):
            raise error
