"""Result rows and their verdicts, printed as a table and saved as JSON."""

import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import WindowResult

RESULTS = Path(__file__).parent / "results"
MAX_CORES_ELSEWHERE = 0.1  # cores busy elsewhere
MAX_LOAD_OF_A_CORE = 3.0


@dataclass(frozen=True)
class Target:
    """A limit that a value has to reach: at least or at most a number."""

    number: float
    at_most: bool = False

    def met_by(self, value: float) -> bool:
        """Whether `value` meets the target."""
        return value <= self.number if self.at_most else value >= self.number

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.number:,g}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured value, with the values of `stock` and `ceiling` from the same run."""

    row: str
    metric: str
    value: float
    unit: str
    target: Target | None = None
    stock: float | None = None
    ceiling: float | None = None
    faults: Counter[str] = field(default_factory=Counter)
    sound: bool = True
    # For a plot.
    points: Sequence[tuple[float, float]] = ()

    @classmethod
    def measured(
        cls,
        row: str,
        metric: str,
        result: WindowResult,
        value: float,
        unit: str,
        target: Target | None = None,
        stock: float | None = None,
        ceiling: float | None = None,
    ) -> "Row":
        """A row about one window, with its faults."""
        return cls(
            row=row,
            metric=metric,
            value=value,
            unit=unit,
            target=target,
            stock=stock,
            ceiling=ceiling,
            faults=result.faults,
            sound=result.sound,
        )

    @property
    def verdict(self) -> str:
        """`met` needs a value that meets the target, and a window without faults."""
        if not self.sound:
            return "unsound"
        if self.target is None:
            return "-"
        return "met" if self.target.met_by(self.value) else "missed"

    def as_json(self) -> dict[str, Any]:
        """The row in `latest.json`."""
        return {
            "row": self.row,
            "metric": self.metric,
            "value": round(self.value, 4),
            "unit": self.unit,
            "target": str(self.target) if self.target else None,
            "verdict": self.verdict,
            "stock": self.stock and round(self.stock, 4),
            "ceiling": self.ceiling and round(self.ceiling, 4),
            "points": [[round(x, 2), round(y, 2)] for x, y in self.points],
            **{name: self.faults[name] for name in ("lost", "duplicated", "reordered")},
        }


def print_window(result: WindowResult) -> None:
    """Print a line about a finished window."""
    counters = result.counters
    faults = ", ".join(f"{name} {count}" for name, count in result.faults.items() if count)
    cores = ", ".join(
        f"{name} {getattr(counters, name) / counters.at:.2f}"
        for name in ("server", "database", "redis", "load")
    )
    print(
        f"  {result.name:28} {result.acked_rate:8,.0f} acks/s "
        f"{counters.deliveries / counters.at:9,.0f} deliveries/s  "
        f"p50 {1000 * result.percentile(0.5):6.1f} p99 {1000 * result.percentile(0.99):7.1f} ms  "
        f"cores: {cores}, elsewhere {result.elsewhere:.2f}  "
        f"{faults or 'no faults'}{'' if result.settled else ', NOT SETTLED'}",
        *(f"\n    {note}" for note in result.notes),
        flush=True,
    )


def print_table(rows: Sequence[Row]) -> None:
    """Print the table of rows."""
    print(
        f"\n{'row':4} {'metric':44} {'value':>10} {'unit':22} {'target':>11} {'verdict':8}", end=""
    )
    print(f"{'stock':>10} {'ceiling':>10}  lost/dup/reordered")
    for row in rows:
        faults = "/".join(str(row.faults[name]) for name in ("lost", "duplicated", "reordered"))
        print(
            f"{row.row:4} {row.metric:44} {_number(row.value):>10} {row.unit:22} "
            f"{row.target or ''!s:>11} {row.verdict:8}{_number(row.stock):>10} "
            f"{_number(row.ceiling):>10}  {faults}"
        )


def save(rows: Sequence[Row], windows: Sequence[WindowResult]) -> Path:
    """Write `latest.json`. Returns its path."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / "latest.json"
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "commit": _git("rev-parse", "HEAD") + ("+" if _git("status", "--porcelain") else ""),
        "disturbed": _is_busy() or any(each.elsewhere > MAX_CORES_ELSEWHERE for each in windows),
        "rows": [row.as_json() for row in rows],
        "windows": [_window(result) for result in windows],
    }
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return file


def machine() -> dict[str, Any]:
    """The hardware and software of this machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": next((x.split(": ")[1] for x in lines if x.startswith("model name")), "?"),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def _is_busy() -> bool:
    """Whether more waited for the cores in the last five minutes than a benchmark brings."""
    return os.getloadavg()[1] > MAX_LOAD_OF_A_CORE * len(os.sched_getaffinity(0))


def _window(result: WindowResult) -> dict[str, Any]:
    return {
        "name": result.name,
        **{name: round(value, 2) for name, value in asdict(result.counters).items()},
        "p50_ms": round(1000 * result.percentile(0.5), 2),
        "p99_ms": round(1000 * result.percentile(0.99), 2),
        "kept_up": round(result.kept_up, 4),
        "cpu_s_per_1000": round(result.cpu_per_1000, 4),
        "elsewhere_cores": round(result.elsewhere, 3),
        "settled": result.settled,
        "rows_equal_acks": result.rows_equal_acks,
        "faults": {name: count for name, count in result.faults.items() if count},
        "notes": result.notes,
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=RESULTS.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
