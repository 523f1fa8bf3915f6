"""When a person's digest is due: pure functions of what they chose and of their time zone."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from apps.core.local_time import instant_of, zone_named

SUNDAY = 7


class Frequency(StrEnum):
    """How often a person gets a digest."""

    OFF = "off"
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


class Schedule(NamedTuple):
    """`day`: of the week, 1 for Monday to 7 for Sunday; only a weekly digest needs it. `at`: by the
    clocks of `zone`."""

    frequency: Frequency
    day: int
    at: time
    zone: str


def next_time(schedule: Schedule, after: datetime) -> datetime | None:
    """The first time of the schedule later than `after`; None if there is none.

    A time that clocks show twice counts once, and one that they skip counts as well
    (`core.local_time.instant_of`), so there is one digest on each chosen day.
    """
    if schedule.frequency is Frequency.OFF:
        return None
    zone = zone_named(schedule.zone)
    today = after.astimezone(zone).date()
    # Eight days: today's time may be over. The day before: clocks may skip its end.
    for days in range(-1, 9):
        day = today + timedelta(days=days)
        at = instant_of(day, schedule.at, zone)
        if at > after and _is_chosen(schedule, day.isoweekday()):
            return at
    raise AssertionError("a week has every day")


def _is_chosen(schedule: Schedule, weekday: int) -> bool:
    match schedule.frequency:
        case Frequency.WEEKDAYS:
            return weekday < SUNDAY - 1
        case Frequency.WEEKLY:
            return weekday == schedule.day
        case _:
            return True
