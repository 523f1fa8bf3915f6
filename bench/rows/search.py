"""P7, search: the first page of hits in a million messages."""

import json
import subprocess
import sys

from bench.options import Options
from bench.report import Row, Target
from bench.stack import Stores

MESSAGES, SEARCHES = 1_000_000, 40
P95 = Target(100, at_most=True)
DATABASE = "search"


def run(stores: Stores, options: Options) -> list[Row]:
    """Measure from the parsed query to hits with excerpts, one search at a time."""
    if "parley" not in options.contestants:
        return []
    stores.make_database(DATABASE)
    environment = stores.environment(DATABASE)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.product.search", str(MESSAGES), str(SEARCHES)],
        env={**environment, "DJANGO_SETTINGS_MODULE": "chatproject.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    output = json.loads(done.stdout)
    everything: list[float] = []
    for name, durations in output["durations"].items():
        seconds = [each for each, _ in durations]
        everything += seconds
        found = sum(found > 0 for _, found in durations)
        print(
            f"  {name:28} p50 {_ms(seconds, 0.5):7.1f} p95 {_ms(seconds, 0.95):7.1f} ms"
            f"  found something {found}/{len(durations)}",
            flush=True,
        )
    return [
        _row("searches of all kinds, p50", _ms(everything, 0.5)),
        _row("searches of all kinds, p95", _ms(everything, 0.95), P95),
    ]


def _ms(seconds: list[float], share: float) -> float:
    return 1000 * sorted(seconds)[int(share * (len(seconds) - 1))]


def _row(metric: str, value: float, target: Target | None = None) -> Row:
    return Row(row="P7", metric=metric, value=value, unit="ms", target=target)
