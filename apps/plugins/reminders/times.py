"""Reads times as people type them: `in 1 hour 30 minutes to …`, `tomorrow at 9:00 …`."""

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
# A number that can only be a time.
SURE_CLOCK = r"(?=\d{1,2}(?::\d{2}\b|(?:[:.]\d{2})?(?:\s*[ap]m|\s+uhr)\b))"
UNIT = r"\s*(?P<unit>[a-z]+)(?![a-z])"
IN = re.compile(rf"in\s+(?P<number>\d{{1,4}}|an?|ein(?:er|em)?){UNIT}", re.IGNORECASE)
# As in `1h30m` and `1 hour and 30 minutes`.
AND = re.compile(rf"\s*(?:,|and\b|und\b)?\s*(?P<number>\d{{1,4}}){UNIT}", re.IGNORECASE)
CLOCK_TIME = rf"(?:(?:at|um)\s+|{SURE_CLOCK}){CLOCK}"
END = r"(?=\s|[,:]\s|$)"
AT = re.compile(
    r"(?:(?P<today>today|heute)|(?P<tomorrow>tomorrow|morgen)"
    r"|(?:on\s+|am\s+)?(?P<day>\d{4}-\d{2}-\d{2}))?"
    rf"\s*(?:{CLOCK_TIME})?{END}",
    re.IGNORECASE,
)
AT_CLOCK = re.compile(rf"\s*,?\s*{CLOCK_TIME}{END}", re.IGNORECASE)
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
    at: datetime | None = None
    end = 0
    if found := IN.match(text):
        at, end = _after(text, found, now, zone)
    elif (found := AT.match(text)) and found[0].strip():
        at, end = _at(found, now, zone), found.end()
    if at is None:
        return None
    rest = text[end:]
    join = JOIN.match(rest)
    return Parsed(at, rest[join.end() if join else 0 :].strip())


def _after(
    text: str, found: re.Match[str] | None, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, int]:
    """The time of `in 1 day and 2 hours` or `in 2 days at 9:00`, and where it ends. Days and weeks
    end at the same time by the clocks of `zone`, if there is none."""
    days, rest, end = 0, timedelta(0), 0
    while found and (unit := UNITS.get(found["unit"].lower())):
        number = int(found["number"]) if found["number"].isdecimal() else 1
        days, rest = days + number * unit.days, rest + number * (unit - timedelta(unit.days))
        end = found.end()
        found = AND.match(text, end)
    if not end:
        return None, 0
    local = now.astimezone(zone)
    clock: time | None = local.time()
    if days and not rest and (found := AT_CLOCK.match(text, end)):
        clock, end = _clock(found), found.end()
    if clock is None:
        return None, 0
    try:
        start = instant_of(local.date() + timedelta(days), clock, zone) if days else now
        return start + rest, end
    except OverflowError:
        return None, 0


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
    if found["today"]:
        return instant_of(today, clock, zone)
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
