"""P1, durable chat: 400 clients in pairs; messages are committed, acknowledged and delivered."""

from functools import partial

from bench.contestants import PRODUCT, STOCK
from bench.load.workload import ClosedLoop, OpenLoop
from bench.measure import WindowResult
from bench.options import Options
from bench.report import Row, Target
from bench.scenarios import Scenario, run_scenarios
from bench.stack import Stores

RATE = Target(8000)
TIMES_STOCK = Target(15)
CPU = Target(0.25, at_most=True)
KEPT_UP = Target(0.99)
P99 = {1000: Target(10, at_most=True), 3000: Target(25, at_most=True)}
_row = partial(Row.measured, "P1")


async def run(stores: Stores, options: Options) -> tuple[list[Row], list[WindowResult]]:
    """Run closed loops with one and four outstanding messages a client, then open loops."""
    closed = [Scenario(f"pairs W={n}", ClosedLoop(n)) for n in (1, 4)]
    opened = [Scenario(f"pairs {rate}/s", OpenLoop(rate)) for rate in P99]
    ours = await run_scenarios(PRODUCT, closed + opened, stores=stores, options=options)
    stock = await run_scenarios(STOCK, closed, stores=stores, options=options)
    rows = _saturated([ours[r.name] for r in closed], list(stock.values())) if ours else []
    for rate, target in P99.items():
        if ours:
            rows += _opened(rate, target, ours[f"pairs {rate}/s"])
    return rows, [*ours.values(), *stock.values()]


def _saturated(ours: list[WindowResult], stock: list[WindowResult]) -> list[Row]:
    best = max(ours, key=lambda result: result.acked_rate)
    theirs = max(stock, key=lambda result: result.acked_rate, default=None)
    rows = [
        _row(
            "saturated, best",
            best,
            best.acked_rate,
            "messages/s",
            RATE,
            theirs and theirs.acked_rate,
        ),
        _row(
            "server + database at saturation",
            best,
            best.cpu_per_1000,
            "CPU-s per 1,000",
            CPU,
            theirs and theirs.cpu_per_1000,
        ),
    ]
    for each, other in zip(ours, stock or [None] * len(ours), strict=True):
        title = each.name.removeprefix(f"{PRODUCT.name} ")
        rows.append(
            _row(title, each, each.acked_rate, "messages/s", None, other and other.acked_rate)
        )
    if theirs:
        ratio = best.acked_rate / max(theirs.acked_rate, 1)
        rows.insert(1, _row("saturated, times the stock way", best, ratio, "times", TIMES_STOCK))
    return rows


def _opened(rate: int, target: Target, result: WindowResult) -> list[Row]:
    p50, p99 = (1000 * result.percentile(share) for share in (0.5, 0.99))
    return [
        _row(f"at {rate}/s: sent to delivered, p50", result, p50, "ms", None),
        _row(f"at {rate}/s: sent to delivered, p99", result, p99, "ms", target),
        _row(f"at {rate}/s: kept up", result, result.kept_up, "of what was due", KEPT_UP),
    ]
