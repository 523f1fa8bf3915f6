"""P2, fan-out: one chat with a thousand sockets."""

from functools import partial

from bench.contestants import CEILING, PRODUCT, STOCK
from bench.load.workload import FixedInFlight
from bench.measure import WindowResult
from bench.options import Options
from bench.report import Row, Target
from bench.scenarios import Scenario, run_scenarios
from bench.stack import Stores

SINGLY = Target(50_000)
OF_CEILING = Target(0.85)
MANY = Target(250_000)
_row = partial(Row.measured, "P2")


async def run(stores: Stores, options: Options) -> tuple[list[Row], list[WindowResult]]:
    """Count deliveries per second of server processor time, with 1 and 16 messages in flight."""
    scenarios = [Scenario(f"crowd, {n} in flight", FixedInFlight(n)) for n in (1, 16)]
    one, many = (each.name for each in scenarios)
    ours, ceiling, stock = [
        await run_scenarios(each, scenarios, stores=stores, options=options, who="crowd")
        for each in (PRODUCT, CEILING, STOCK)
    ]
    rows = []
    if ours:
        rows += [
            _deliveries(one, ours, stock, ceiling, target=SINGLY),
            _deliveries(many, ours, stock, ceiling, target=MANY),
            _row(f"{one}, p99", ours[one], 1000 * ours[one].percentile(0.99), "ms"),
            _row(f"{many}, p99", ours[many], 1000 * ours[many].percentile(0.99), "ms"),
        ]
    if ours and ceiling:
        ratio = ours[one].deliveries_per_cpu / ceiling[one].deliveries_per_cpu
        rows.insert(1, _row(f"{one}, of the ceiling", ours[one], ratio, "times", OF_CEILING))
    return rows, [*ours.values(), *ceiling.values(), *stock.values()]


def _deliveries(
    name: str,
    ours: dict[str, WindowResult],
    stock: dict[str, WindowResult],
    ceiling: dict[str, WindowResult],
    *,
    target: Target,
) -> Row:
    return _row(
        name,
        ours[name],
        ours[name].deliveries_per_cpu,
        "deliveries/CPU-s",
        target,
        stock=stock[name].deliveries_per_cpu if stock else None,
        ceiling=ceiling[name].deliveries_per_cpu if ceiling else None,
    )
