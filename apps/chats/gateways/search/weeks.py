"""Going back in time: a few weeks at first, then ever more."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

WEEK = 604800
STEPS = (2, 4, 12)


class Span(Struct, frozen=True):
    """Some weeks: those of the lexemes in `mark` or, without it, all before `end`."""

    mark: str = ""
    end: datetime | None = None


def week_of(at: datetime) -> int:
    """Weeks since 1970, as the index counts them."""
    return int(at.timestamp() // WEEK)


def spans(newest: int, oldest: int, *, filled: int) -> Iterator[Span]:
    """From the newest week to the oldest, each once; `filled` is in how many weeks there is
    anything at all.

    What is left after the steps comes at once. Naming many weeks costs more than reading what the
    others hold and passing it over, so they are named only where they are the smaller part.
    """
    for size in STEPS:
        if weeks := range(max(oldest, newest - size + 1), newest + 1):
            yield Span(mark=_any(weeks))
        newest -= size
    if rest := range(oldest, newest + 1):
        if 2 * len(rest) <= filled:
            yield Span(mark=_any(rest))
        else:
            yield Span(end=datetime.fromtimestamp((newest + 1) * WEEK, UTC))


def _any(weeks: range) -> str:
    return "(" + " | ".join(f"'=w{week}'" for week in weeks) + ")"
