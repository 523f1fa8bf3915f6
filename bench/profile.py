"""Profiles the server with py-spy during a window."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contestants import PRODUCT
from bench.measure import WARM_UP_S
from bench.options import Options
from bench.report import RESULTS
from bench.stack import Server

SHOWN = 25


@contextmanager
def recording(
    name: str, server: Server, options: Options, *, windowed: bool = True
) -> Iterator[None]:
    """Sample the first web process, if `--profile` is given: during a window, or else until the
    block ends.

    Counts only threads that hold the interpreter lock, because py-spy cannot distinguish all kinds
    of waiting from work. Writes `bench/results/<name>.folded` (for speedscope.app or flamegraph.pl)
    and prints the busiest functions.
    """
    if not (options.profile and name.startswith(PRODUCT.name)):
        yield
        return
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name.replace(' ', '-').replace('/', '-')}.folded"
    duration = str(int(WARM_UP_S + options.seconds)) if windowed else "unlimited"
    sampler = subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("py-spy")), "record", "--format", "raw"),
            *("--gil", "--rate", "200", "--duration", duration),
            *("--pid", str(server.processes[0]), "--output", str(file)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield
    if not windowed:
        sampler.send_signal(signal.SIGINT)
    sampler.wait()
    print(summary(file.read_text()), flush=True)


def summary(folded: str) -> str:
    """The busiest functions of folded stacks (lines like `a;b;c 12`), with and without calls."""
    alone: Counter[str] = Counter()
    with_calls: Counter[str] = Counter()
    for line in folded.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [_short(frame) for frame in stack.split(";")]
        alone[frames[-1]] += int(count)
        for frame in set(frames):
            with_calls[frame] += int(count)
    return "\n".join(
        [
            "    busiest functions",
            *_lines(alone, total=alone.total()),
            "    busiest functions, including what they call",
            *_lines(with_calls, total=alone.total()),
        ]
    )


def _lines(counts: Counter[str], *, total: int) -> list[str]:
    return [f"    {100 * n / total:5.1f} %  {name}" for name, n in counts.most_common(SHOWN)]


def _short(frame: str) -> str:
    """`function (file:line)` without the line."""
    return frame.rpartition(":")[0] + ")" if ":" in frame else frame
