"""Run the rows that were asked for, print the table, write `bench/results/latest.json`."""

import sys

import uvloop

from bench import report
from bench.options import Options
from bench.rows import p1, p2
from bench.stack import stores

RUNS = {"P1": p1.run, "P2": p2.run}


async def main() -> None:
    """One row after the other: they share the two cores."""
    options = Options.read()
    rows, windows = [], []
    for name in options.rows:
        print(name, flush=True)
        with stores() as running:
            found, behind = await RUNS[name](running, options)
        rows += found
        windows += behind
    report.show(rows)
    disturbed = [w.name for w in windows if w.elsewhere > report.DISTURBED_FROM]
    if disturbed:
        print(f"\nOther programs were busy during: {', '.join(disturbed)}. Run again in quiet.")
    print(f"\nWritten to {report.save(rows, windows)}")


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
