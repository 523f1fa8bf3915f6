"""Moments as whole microseconds since 1970: exact, and in order as numbers."""

import re
import time
from datetime import UTC, datetime, timedelta

SECOND, MILLISECOND = 1_000_000, 1_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS = re.compile(r"(\d{1,10})(?:\.(\d{1,6})\d{0,6})?", re.ASCII)


def of_text(seconds: str) -> int | None:
    """The moment of "1355517523.000005"; None when it is none. No float has all these digits."""
    found = SECONDS.fullmatch(seconds)
    if not found:
        return None
    return valid(int(found[1]) * SECOND + int((found[2] or "").ljust(6, "0")))


def of_number(number: float | int | None, unit: int) -> int | None:
    """The moment of a number of seconds or milliseconds; None when it is none."""
    if number is None or not 0 <= number <= time.time() * SECOND:
        return None
    return valid(round(number * unit))


def valid(moment: int) -> int | None:
    """None for moments that no message was sent at, as those in the future."""
    return moment if 0 < moment <= time.time() * SECOND else None


def as_datetime(moment: int) -> datetime:
    """In UTC."""
    return EPOCH + timedelta(microseconds=moment)
