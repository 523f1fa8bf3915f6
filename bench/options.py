"""Options of `python -m bench`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

ROWS = (
    *("P1", "P2", "P3", "P4", "P5", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "P14"),
    "X1",
)
# Only when they are asked for: a database of a million people takes half an hour, and so does life.
LONG_ROWS = ("P14L", "X7")
CONTESTANTS = ("parley", "stock", "ceiling")


@dataclass(frozen=True)
class Options:
    """The parsed command line."""

    rows: tuple[str, ...]
    contestants: tuple[str, ...]
    seconds: float
    processes: int
    people: int | None
    load_processes: int | None
    profile: bool
    install: bool
    population: int

    @classmethod
    def read(cls, arguments: list[str] | None = None) -> "Options":
        """Parse the command line."""
        parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
        parser.add_argument(
            "--rows", type=_some((*ROWS, *LONG_ROWS)), default=ROWS, metavar="P1,P2"
        )
        parser.add_argument(
            "--contestants",
            type=_some(CONTESTANTS),
            default=CONTESTANTS,
            metavar="parley,stock,ceiling",
            help="leave some out while working on another",
        )
        parser.add_argument("--seconds", type=float, default=20, help="length of a window (20)")
        parser.add_argument("--processes", type=int, default=1, help="web processes (1)")
        parser.add_argument(
            "--people",
            type=int,
            help="who connects: P3 and P8 10,000, P4 28,232, P5 6,000 by default",
        )
        parser.add_argument(
            "--load-processes",
            type=int,
            help="P3, P4, P5: at least so many load programs (one for 15,000 sockets)",
        )
        parser.add_argument(
            "--profile", action="store_true", help="sample the product's server with py-spy"
        )
        parser.add_argument("--install", action="store_true", help="P13: measure an install too")
        parser.add_argument(
            "--population",
            type=int,
            default=1_000_000,
            help="X7: people in the database (1,000,000)",
        )
        return cls(**vars(parser.parse_args(arguments)))


def _some(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        for each in chosen:
            if each not in known:
                raise argparse.ArgumentTypeError(f"{each!r} is not one of {', '.join(known)}")
        return chosen

    return read
