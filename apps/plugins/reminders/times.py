"""Reads times as people type them: `in 10 minutes to …`, `tomorrow at 9:00 …`."""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.core.local_time import instant_of

UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours", "std", "stunde", "stunden"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days", "tag", "tage", "tagen"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks", "woche", "wochen"), timedelta(weeks=1)),
}
CLOCK = r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?:\s*(?P<half>am|pm)|\s+uhr)?"
IN = re.compile(r"in\s+(?P<number>\d{1,4}|an?|ein(?:er|em)?)\s*(?P<unit>[a-z]+)\b", re.IGNORECASE)
AT = re.compile(
    r"(?:(?P<tomorrow>tomorrow|morgen)|(?:on\s+|am\s+)?(?P<day>\d{4}-\d{2}-\d{2}))?"
    rf"\s*(?:(?:at|um)\s+{CLOCK})?(?=\s|$)",
    re.IGNORECASE,
)
# Between the time and what to say.
JOIN = re.compile(r"\s*[:,]?\s*(?:(?:to|that|about|an|dass)\s+)?", re.IGNORECASE)
MORNING = time(9)


class Parsed(NamedTuple):
    """When, and the rest of the text."""

    at: datetime
    rest: str


def parse(text: str, *, now: datetime, zone: ZoneInfo) -> Parsed | None:
    """The time that a text begins with, by the clocks of `zone`; None if it begins with none.

    A clock time alone is the next one; a day alone is at nine in the morning.
    """
    at = None
    if found := IN.match(text):
        at = _after(found, now)
    elif (found := AT.match(text)) and found[0].strip():
        at = _at(found, now, zone)
    if at is None or found is None:
        return None
    rest = text[found.end() :]
    join = JOIN.match(rest)
    return Parsed(at, rest[join.end() if join else 0 :].strip())


def _after(found: re.Match[str], now: datetime) -> datetime | None:
    unit = UNITS.get(found["unit"].lower())
    number = int(found["number"]) if found["number"].isdecimal() else 1
    return now + number * unit if unit else None


def _at(found: re.Match[str], now: datetime, zone: ZoneInfo) -> datetime | None:
    clock = _clock(found) if found["hour"] else MORNING
    today = now.astimezone(zone).date()
    if clock is None:
        return None
    if found["day"]:
        try:
            return instant_of(date.fromisoformat(found["day"]), clock, zone)
        except ValueError:
            return None
    if found["tomorrow"]:
        return instant_of(today + timedelta(days=1), clock, zone)
    at = instant_of(today, clock, zone)
    return at if at > now else instant_of(today + timedelta(days=1), clock, zone)


def _clock(found: re.Match[str]) -> time | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half := (found["half"] or "").lower():
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
