"""P10, growth: the cost of a message in chats of two to a hundred members."""

from functools import partial
from itertools import pairwise

from bench.contestants import PRODUCT
from bench.load.workload import OpenLoop
from bench.measure import WindowResult
from bench.options import Options
from bench.people import CHAT_SIZES
from bench.report import Row, Target
from bench.scenarios import Scenario, run_scenarios
from bench.stack import Stores

# Messages a second in one chat: the same for each size, and far below the maximum.
RATE = 100
FALLS = Target(1, at_most=True)
_row = partial(Row.measured, "P10")


async def run(stores: Stores, options: Options) -> tuple[list[Row], list[WindowResult]]:
    """Measure processor time of server and database for each delivery, at a fixed rate."""
    scenarios = [Scenario(f"{size} members", OpenLoop(RATE), members=size) for size in CHAT_SIZES]
    ours = await run_scenarios(PRODUCT, scenarios, stores=stores, options=options, who="sizes")
    if not ours:
        return [], []
    each = [ours[one.name] for one in scenarios]
    costs = [_cost(result) for result in each]
    rows = [
        _row(f"{one.name}, per delivery", result, cost, "CPU-µs")
        for one, result, cost in zip(scenarios, each, costs, strict=True)
    ]
    # The cost of each size divided by that of the size before it; the target is below one.
    steps = [later / max(earlier, 1e-9) for earlier, later in pairwise(costs)]
    rows.append(
        _row("greatest step from one size to the next", each[-1], max(steps), "times", FALLS)
    )
    return rows, each


def _cost(result: WindowResult) -> float:
    counters = result.counters
    return 1e6 * (counters.server + counters.database) / max(counters.deliveries, 1)
