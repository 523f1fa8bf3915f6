"""P14, life: 400 people in 20 groups of 20 look at their chats, and report what they have read."""

from bench.contestants import PRODUCT
from bench.load.workload import OpenLoop
from bench.measure import WindowResult, percentile
from bench.options import Options
from bench.report import Row, Target
from bench.scenarios import Scenario, run_scenarios
from bench.stack import Stores

CPU = {200: Target(1.5, at_most=True), 500: Target(1, at_most=True)}
P99 = {rate: Target(ms, at_most=True) for rate, ms in ((200, 30), (500, 50), (1000, 150))}
KEPT_UP = Target(0.99)
RECEIPT_P99 = Target(400, at_most=True)
# Of the server, in a window: buffers fill at first, a leak goes on.
MEMORY = Target(8, at_most=True)
CPU_UNIT = "CPU-s per 1,000"
RATES = (50, 200, 500, 1000)


async def run(stores: Stores, options: Options) -> tuple[list[Row], list[WindowResult]]:
    """Send at fixed rates. The references have no receipts."""
    scenarios = [Scenario(f"teams {rate}/s", OpenLoop(rate)) for rate in RATES]
    ours = await run_scenarios(PRODUCT, scenarios, stores=stores, options=options, who="teams")
    rows = []
    for rate, scenario in zip(RATES, scenarios, strict=True):
        if ours:
            rows += _at(rate, ours[scenario.name])
    return rows, list(ours.values())


def _at(rate: int, result: WindowResult) -> list[Row]:
    thousands = max(result.counters.acked, 1) / 1000
    p50, p99 = (1000 * result.percentile(share) for share in (0.5, 0.99))
    receipts = [1000 * percentile(result.receipt_latencies, share) for share in (0.5, 0.99)]
    acked = result.counters.receipts / result.counters.at
    grown = (result.memory[1] - result.memory[0]) / 2**20
    measured: list[tuple[str, float, str, Target | None]] = [
        ("server", result.counters.server / thousands, CPU_UNIT, None),
        ("database", result.counters.database / thousands, CPU_UNIT, None),
        ("both", result.cpu_per_1000, CPU_UNIT, CPU.get(rate)),
        ("sent to delivered, p50", p50, "ms", None),
        ("sent to delivered, p99", p99, "ms", P99.get(rate)),
        ("kept up", result.kept_up, "of what was due", KEPT_UP),
        ("receipts acknowledged", acked, "per second", None),
        ("receipt to its ack, p50", receipts[0], "ms", None),
        ("receipt to its ack, p99", receipts[1], "ms", RECEIPT_P99),
        ("frames", result.counters.frames / thousands / 1000, "per message", None),
        ("memory gained", grown, "MiB", MEMORY),
    ]
    return [
        Row.measured("P14", f"at {rate}/s: {name}", result, value, unit, target)
        for name, value, unit, target in measured
    ]
