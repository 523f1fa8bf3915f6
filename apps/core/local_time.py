"""From times by the clock of a place to instants."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# The rest of the names are of no place, or former names of countries' zones.
AREAS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which clocks of `zone` show this time on this day, in UTC.

    Of a time that comes twice, the first; a time that clocks skip is as much later as they skip
    (PEP 495, as "compatible" of ECMAScript's Temporal). static/realtime/both/clock-times.js is the
    same in the browser; both are tested with tests/core/local_times.json. In the first and the last
    year that Python knows, instants beyond its calendar are its first or last one.
    """
    local = datetime.combine(day, clock.replace(fold=0), tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        return (datetime.min if day.year == 1 else datetime.max).replace(tzinfo=UTC)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name; UTC if this server does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@cache
def zones_of_places() -> list[tuple[str, str]]:
    """The time zones that people choose from, as (name, words): Area/City each, and UTC last."""
    names = sorted(name for name in available_timezones() if name.split("/")[0] in AREAS)
    return [(name, name.replace("_", " ")) for name in names if "/" in name] + [("UTC", "UTC")]
