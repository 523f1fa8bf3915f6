"""Has people work on a running server, and says how it did."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from msgspec import Struct

from chatproject.load import processes
from chatproject.load.at_work import SIGN_IN, Order, Outcome, merged, percentile
from chatproject.load.fleet import fleet
from chatproject.load.processes import Machine

# With fewer sockets, memory says more about caches and pools that fill than about sockets.
MIN_SOCKETS = 1_000
EVERYTHING = "every request"
# A password takes a quarter of a second of a processor by design.
SIGN_IN_MS = 5_000


class Percentiles(Struct, frozen=True):
    """Milliseconds of a kind of request."""

    count: int
    p50: float
    p95: float
    p99: float


class Report(Struct, frozen=True, kw_only=True):
    """What was measured. `memory_mib`, before and at most, and `web_cores` are null where the web
    processes cannot be looked at; `kib_per_socket` also with few sockets. The cores are those in
    use on average: of the web processes, of the load program, of everything on this machine."""

    seconds: float
    requests: dict[str, Percentiles]
    problems: dict[str, int]
    sockets: int
    web_processes: int
    memory_mib: tuple[float, float] | None
    kib_per_socket: float | None
    web_cores: float | None
    load_cores: float
    busy_cores: float

    def reasons_to_fail(self, max_ms: float) -> list[str]:
        """Why this server does not do for so many people; empty if it does."""
        reasons = [f"{count} times: {name}" for name, count in self.problems.items()]
        for name, each in self.requests.items():
            limit = max(max_ms, SIGN_IN_MS) if name == SIGN_IN else max_ms
            if name != EVERYTHING and each.p95 > limit:
                took = f"{each.p95:,.0f} ms (p95), {limit:,.0f} are allowed"
                reasons.append(f"to {name} took {took}")
        return reasons


async def check(orders: Sequence[Order]) -> Report:
    """Give each order to a load process, and watch the server until all people are done."""
    port = orders[0].port
    web = processes.listening(port)
    memory = most_memory = _memory(web)
    sockets_before = sockets = processes.sockets(port)
    async with fleet("chatproject.load.at_work", len(orders)) as workers:
        before = _cpu(web), _cpu(workers.pids), Machine.now().busy
        began = perf_counter()
        work = asyncio.ensure_future(workers.ask_each(orders))
        while not work.done():
            await asyncio.wait([work], timeout=1)
            sockets = max(sockets, processes.sockets(port))
            most_memory = max(most_memory, _memory(web))
        seconds = perf_counter() - began
        after = _cpu(web), _cpu(workers.pids), Machine.now().busy
        outcome = merged(work.result())
    web_cores, load_cores, busy_cores = (
        (now - then) / seconds for now, then in zip(after, before, strict=True)
    )
    sockets -= sockets_before
    measurable = web and sockets >= MIN_SOCKETS
    return Report(
        seconds=seconds,
        requests=_percentiles(outcome),
        problems=outcome.problems,
        sockets=sockets,
        web_processes=len(web),
        memory_mib=(memory / 2**20, most_memory / 2**20) if web else None,
        kib_per_socket=(most_memory - memory) / 1024 / sockets if measurable else None,
        web_cores=web_cores if web else None,
        load_cores=load_cores,
        busy_cores=busy_cores,
    )


def _percentiles(outcome: Outcome) -> dict[str, Percentiles]:
    everything = [each for seconds in outcome.seconds.values() for each in seconds]
    return {
        name: Percentiles(
            len(seconds), *(percentile(seconds, share) for share in (0.5, 0.95, 0.99))
        )
        for name, seconds in {**outcome.seconds, EVERYTHING: everything}.items()
    }


def _memory(pids: Sequence[int]) -> int:
    return sum(map(processes.resident_bytes_of, pids))


def _cpu(pids: Sequence[int]) -> float:
    return sum(map(processes.cpu_seconds, pids))
