"""Going back in time: a few weeks at first, then ever more."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

WEEK = 604800
STEPS = (2, 4, 12, 48, 192)


class Span(Struct, frozen=True):
    """Some weeks: those of the lexemes in `mark` or, without it, all before `end`."""

    mark: str = ""
    end: datetime | None = None


def week_of(at: datetime) -> int:
    """Weeks since 1970, as the index counts them."""
    return int(at.timestamp() // WEEK)


def spans(newest: int, oldest: int) -> Iterator[Span]:
    """From the newest week to the oldest, each once."""
    for size in STEPS:
        weeks = range(max(oldest, newest - size + 1), newest + 1)
        if weeks:
            yield Span(mark="(" + " | ".join(f"'=w{week}'" for week in weeks) + ")")
        newest -= size
    if newest >= oldest:
        yield Span(end=datetime.fromtimestamp((newest + 1) * WEEK, UTC))
