"""Run the rows that were asked for, print the table, write `bench/results/latest.json`."""

import sys

import uvloop

from bench import report
from bench.options import Options
from bench.rows import chat_growth, durable_chat, fan_out, footprint, search
from bench.stack import stores

UNDER_LOAD = {"P1": durable_chat.run, "P2": fan_out.run, "P10": chat_growth.run}


async def main() -> None:
    """One row after the other: they share the two cores."""
    options = Options.read()
    rows, windows = [], []
    for name in options.rows:
        print(name, flush=True)
        if name in UNDER_LOAD:
            with stores() as running:
                found, behind = await UNDER_LOAD[name](running, options)
            windows += behind
        elif name == "P7":
            with stores() as running:
                found = search.run(running, options)
        else:
            found = footprint.run(options)
        rows += found
    report.print_table(rows)
    disturbed = [w.name for w in windows if w.elsewhere > report.MAX_CORES_ELSEWHERE]
    if disturbed:
        print(f"\nOther programs were busy during: {', '.join(disturbed)}. Run again in quiet.")
    print(f"\nWritten to {report.save(rows, windows)}")


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
