"""Divides a search's time range into steps: a few weeks at first, then more and more."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

WEEK = 604800
STEPS = (2, 4, 12)


class Span(Struct, frozen=True):
    """A range of weeks: those with the tsquery `lexemes` or, without it, all before `end`."""

    lexemes: str = ""
    end: datetime | None = None


def week_of(at: datetime) -> int:
    """Weeks since 1970, as the index counts them."""
    return int(at.timestamp() // WEEK)


def spans(newest: int, oldest: int, *, filled: int) -> Iterator[Span]:
    """Spans from the newest week to the oldest. `filled` is the number of weeks with any message.

    The last span has all weeks that are left after the steps. Listing many weeks costs more than
    reading and discarding matches of other weeks, so they are listed only if they are less than
    half of `filled`.
    """
    for size in STEPS:
        if weeks := range(max(oldest, newest - size + 1), newest + 1):
            yield Span(lexemes=_any(weeks))
        newest -= size
    if rest := range(oldest, newest + 1):
        if 2 * len(rest) <= filled:
            yield Span(lexemes=_any(rest))
        else:
            yield Span(end=datetime.fromtimestamp((newest + 1) * WEEK, UTC))


def _any(weeks: range) -> str:
    return "(" + " | ".join(f"'=w{week}'" for week in weeks) + ")"
