"""`python -m bench.page [FILES]`: draw results as a page in `docs/`, with a table and plots.

FILES are copies of `bench/results/latest.json`, which is the default. A row of a later file
replaces that of an earlier one.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from bench.plot import Plot
from bench.report import RESULTS
from chatproject.run.data_dir import CHECKOUT

PAGE = CHECKOUT / "docs" / "figures.md"
IMAGES = CHECKOUT / "docs" / "figures"
Results = dict[str, Any]
INTRODUCTION = """# Figures of the last benchmark

Drawn by `python -m bench.page` from the results of `make bench`; do not edit. What each row
measures, and what the figures mean, is in [performance](performance.md).
"""


def main() -> None:
    """Write the page and its images."""
    files = [Path(name) for name in sys.argv[1:]] or [RESULTS / "latest.json"]
    write([json.loads(file.read_text()) for file in files], PAGE, IMAGES)
    print(f"Written to {PAGE}")


def write(results: list[Results], page: Path, images: Path) -> None:
    """Write the page, and its images into a folder beside it, which has no others."""
    images.mkdir(exist_ok=True)
    for old in images.glob("*.svg"):
        old.unlink()
    parts = [INTRODUCTION, _origin(results), _table(rows(results))]
    for name, plot in plots(results).items():
        (images / f"{name}.svg").write_text(plot.svg())
        parts.append(f"## {plot.title}\n\n![{plot.y} against {plot.x}]({images.name}/{name}.svg)\n")
    page.write_text("\n".join(parts))


def rows(results: list[Results]) -> list[Results]:
    """The rows of all results: each id as the last file has it."""
    newest = {row["row"]: number for number, each in enumerate(results) for row in each["rows"]}
    found = [
        row
        for number, each in enumerate(results)
        for row in each["rows"]
        if newest[row["row"]] == number
    ]
    return sorted(found, key=lambda row: _place(row["row"]))


def plots(results: list[Results]) -> dict[str, Plot]:
    """The plots for which there are values."""
    windows = {
        window["name"]: window
        for each in results
        for window in each["windows"]
        if window["settled"] and not window["faults"]
    }
    latency = {
        f"{title}, {share[:3]}": _by_rate(windows, name, share)
        for title, name in (("pairs", "parley pairs"), ("groups of 20", "parley teams"))
        for share in ("p50_ms", "p99_ms")
    }
    found = rows(results)
    growth = [
        (float(match[1]), row["value"])
        for row in found
        if row["row"] == "P10" and (match := re.match(r"(\d+) members", row["metric"]))
    ]
    memory = [
        tuple(point) for row in found if row["row"] == "P3" for point in row.get("points", ())
    ]
    drawn = {
        "latency": Plot("Rate and latency", "messages a second", "ms", _filled(latency), True),
        "memory": Plot(
            "Memory and sockets", "connections", "MiB more", _filled({"web processes": memory})
        ),
        "growth": Plot(
            "Cost and members",
            "members of the chat",
            "CPU-µs a delivery",
            _filled({"server and database": growth}),
            True,
        ),
    }
    return {name: plot for name, plot in drawn.items() if plot.series}


def _filled(series: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: points for name, points in series.items() if len(points) > 1}


def _by_rate(windows: dict[str, Results], name: str, share: str) -> list[tuple[float, float]]:
    found = []
    for title, window in windows.items():
        if (match := re.fullmatch(rf"{name} (\d+)/s", title)) and window[share] > 0:
            found.append((float(match[1]), window[share]))
    return sorted(found)


def _place(row: str) -> tuple[str, int, str]:
    """The place of a row among all: P2 is before P14, and P14 before P14L."""
    return row[0], int(row[1:].rstrip("L")), row


def _origin(results: list[Results]) -> str:
    lines = []
    for each in results:
        machine = each["machine"]
        names = sorted({row["row"] for row in each["rows"]}, key=_place)
        lines.append(
            f"- {', '.join(names)}: {each['at'][:10]}, commit {each['commit'][:8]}, "
            f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, "
            f"Python {machine['python']}"
            + ("; other programs were busy, so latencies say little" * each["disturbed"])
        )
    return "\n".join([*lines, ""])


def _table(found: list[Results]) -> str:
    lines = [
        "| row | | value | | target | verdict | stock | ceiling |",
        "|--|--|--:|--|--|--|--:|--:|",
    ]
    for row in found:
        cells = (
            row["row"],
            row["metric"],
            _number(row["value"]),
            row["unit"],
            row["target"] or "",
            row["verdict"],
            _number(row["stock"]),
            _number(row["ceiling"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"


if __name__ == "__main__":
    main()
