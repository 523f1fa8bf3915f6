"""Measures a server under load: rates, latencies and processor time of one window."""

import asyncio
import gc
import os
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter

from bench.load.window import Window
from bench.load.workload import Workload
from bench.stack import Server, Stores
from chatproject.load import processes
from chatproject.load.processes import Machine

WARM_UP_S = 3.0
SETTLE_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Counters:
    """Counters at one moment."""

    at: float
    sent: int
    acked: int
    deliveries: int
    completed: int
    frames: int
    receipts: int
    server: float
    database: float
    redis: float
    load: float
    machine: float

    def minus(self, before: "Counters") -> "Counters":
        """The differences since `before`."""
        return Counters(*(getattr(self, n) - getattr(before, n) for n in Counters.__annotations__))


@dataclass(frozen=True)
class WindowResult:
    """The result of a window. Rates are per second, latencies in seconds."""

    name: str
    counters: Counters
    latencies: list[float]
    faults: Counter[str]
    settled: bool
    kept_up: float
    rows_equal_acks: bool | None = None
    notes: list[str] = field(default_factory=list)
    # From reports of what was read to their acknowledgements.
    receipt_latencies: list[float] = field(default_factory=list)
    # Resident bytes of the server before and after.
    memory: tuple[int, int] = (0, 0)

    @property
    def acked_rate(self) -> float:
        """Messages committed and acknowledged."""
        return self.counters.acked / self.counters.at

    @property
    def cpu_per_1000(self) -> float:
        """Processor seconds of server and database for 1,000 acknowledged messages."""
        return 1000 * (self.counters.server + self.counters.database) / max(self.counters.acked, 1)

    @property
    def deliveries_per_cpu(self) -> float:
        """Deliveries for each processor second of the server alone."""
        return self.counters.deliveries / max(self.counters.server, 0.01)

    @property
    def elsewhere(self) -> float:
        """Cores that other programs kept busy. More than 0.1 lowers the results noticeably."""
        mine = (
            self.counters.server + self.counters.database + self.counters.redis + self.counters.load
        )
        return max(self.counters.machine - mine, 0.0) / self.counters.at

    @property
    def sound(self) -> bool:
        """Whether no entry was lost, duplicated or reordered, and rows equal acknowledgements."""
        return not self.faults.total() and self.settled and self.rows_equal_acks is not False

    def percentile(self, share: float) -> float:
        """A percentile of the latencies; 0 if nothing was measured."""
        return percentile(self.latencies, share)


def percentile(latencies: list[float], share: float) -> float:
    """A percentile of sorted latencies; 0 if there are none."""
    if not latencies:
        return 0.0
    return latencies[min(int(len(latencies) * share), len(latencies) - 1)]


@dataclass(frozen=True)
class Meter:
    """Reads the counters of a server and its stores."""

    server: Server
    stores: Stores

    def read(self, window: Window) -> Counters:
        """The counters now."""
        times = os.times()
        return Counters(
            at=perf_counter(),
            sent=window.sent,
            acked=window.acked,
            deliveries=window.deliveries,
            completed=window.completed,
            frames=sum(client.frames for client in window.clients),
            receipts=window.receipts_acked,
            server=sum(map(processes.cpu_seconds, self.server.processes)),
            database=processes.cpu_seconds(self.stores.postgres),
            redis=processes.cpu_seconds(self.stores.valkey),
            load=times.user + times.system,
            machine=Machine.now().busy,
        )

    def memory(self) -> int:
        """Resident bytes of the server now."""
        return sum(map(processes.resident_bytes, self.server.processes))


async def measure(
    name: str, *, window: Window, workload: Workload, meter: Meter, seconds: float
) -> WindowResult:
    """Warm up, measure for `seconds`, stop, and wait for messages in flight."""
    gc.collect()
    gc.freeze()
    gc.disable()  # a full collection in the clients would count as latency of the server
    try:
        workload.start(window)
        await asyncio.sleep(WARM_UP_S)
        window.measured_from = window.sent
        memory = meter.memory()
        before = meter.read(window)
        await asyncio.sleep(seconds)
        window.measured_to = window.sent
        after = meter.read(window)
        memory_after = meter.memory()
        workload.stop()
        window.end()
        settled = await window.settled(SETTLE_TIMEOUT_S)
    finally:
        gc.enable()
        gc.unfreeze()
    counters = after.minus(before)
    faults = window.faults()
    faults.update({f"refused {code}": count for code, count in window.refusals.items()})
    return WindowResult(
        name=name,
        counters=counters,
        latencies=sorted(window.latencies),
        faults=faults,
        settled=settled,
        kept_up=min(counters.acked, counters.completed) / max(counters.sent, 1),
        receipt_latencies=sorted(window.receipt_latencies),
        memory=(memory, memory_after),
    )
