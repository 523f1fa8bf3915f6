"""Runs the chosen rows, prints a table and writes `bench/results/latest.json`."""

import sys

import uvloop

from bench import report
from bench.options import Options
from bench.rows import (
    admin_lists,
    at_work,
    ban_receipt,
    chat_growth,
    classic,
    connections,
    durable_chat,
    fan_out,
    first_paint,
    footprint,
    http,
    life,
    long_life,
    pictures,
    reconnect_storm,
    search,
)
from bench.stack import stores

LOAD_ROWS = {"P1": durable_chat.run, "P2": fan_out.run, "P10": chat_growth.run, "P14": life.run}
STORE_ROWS = {"P7": search.run, "X7": admin_lists.run}
ASYNC_STORE_ROWS = {
    "P3": connections.run,
    "P4": classic.run,
    "P5": at_work.run,
    "P8": reconnect_storm.run,
    "P11": first_paint.run,
    "P12": http.run,
    "P14L": long_life.run,
    "X1": ban_receipt.run,
}


async def main() -> None:
    """Run one row after the other: they share the two cores."""
    options = Options.read()
    rows, windows = [], []
    for name in options.rows:
        print(name, flush=True)
        if name in LOAD_ROWS:
            with stores() as running:
                found, results = await LOAD_ROWS[name](running, options)
            windows += results
        elif name in ASYNC_STORE_ROWS:
            with stores() as running:
                found = await ASYNC_STORE_ROWS[name](running, options)
        elif name in STORE_ROWS:
            with stores() as running:
                found = STORE_ROWS[name](running, options)
        elif name == "P9":
            found = pictures.run(options)
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
