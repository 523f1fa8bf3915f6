"""P10, growth: what a message costs as its chat grows from two members to a hundred."""

from functools import partial
from itertools import pairwise

from bench.contestants import PRODUCT
from bench.load.pace import Open
from bench.measure import Figures
from bench.options import Options
from bench.people import SIZES
from bench.report import Row, Target
from bench.rounds import Round, play
from bench.stack import Stores

# Messages a second, in one chat: the same for each size, and far from as much as can be.
RATE = 100
FALLS = Target(1, at_most=True)
_row = partial(Row.measured, "P10")


async def run(stores: Stores, options: Options) -> tuple[list[Row], list[Figures]]:
    """Processor time of server and database for each delivered message, at a fixed rate."""
    rounds = [Round(f"{size} members", Open(RATE), members=size) for size in SIZES]
    ours = await play(PRODUCT, rounds, stores=stores, options=options, who="sizes")
    if not ours:
        return [], []
    each = [ours[one.name] for one in rounds]
    costs = [_cost(figures) for figures in each]
    rows = [
        _row(f"{one.name}, per delivery", figures, cost, "CPU-µs")
        for one, figures, cost in zip(rounds, each, costs, strict=True)
    ]
    # Of each size against the size before it: all below one is what is wanted.
    steps = [later / max(earlier, 1e-9) for earlier, later in pairwise(costs)]
    rows.append(
        _row("greatest step from one size to the next", each[-1], max(steps), "times", FALLS)
    )
    return rows, each


def _cost(figures: Figures) -> float:
    took = figures.took
    return 1e6 * (took.server + took.database) / max(took.deliveries, 1)
