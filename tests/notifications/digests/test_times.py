"""When a digest is due."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from apps.notifications.digest_times import Frequency, Schedule, next_time

BERLIN, LORD_HOWE = "Europe/Berlin", "Australia/Lord_Howe"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        (("daily", 1, "08:00", "UTC"), "2026-03-02T07:59", "2026-03-02T08:00"),
        (("daily", 1, "08:00", "UTC"), "2026-03-02T08:00", "2026-03-03T08:00"),
        (("daily", 1, "08:00", BERLIN), "2026-03-02T06:00", "2026-03-02T07:00"),
        # Friday; then Saturday and Sunday, until clocks change to summer time.
        (("weekdays", 1, "08:00", BERLIN), "2026-03-27T07:00", "2026-03-30T06:00"),
        (("weekly", 1, "08:00", BERLIN), "2026-03-24T07:00", "2026-03-30T06:00"),
        (("weekly", 7, "08:00", "UTC"), "2026-03-02T08:00", "2026-03-08T08:00"),
        # 02:30 does not exist on that day, and comes twice on the other.
        (("daily", 1, "02:30", BERLIN), "2026-03-29T00:59", "2026-03-29T01:30"),
        (("daily", 1, "02:30", BERLIN), "2026-10-24T23:00", "2026-10-25T00:30"),
        (("daily", 1, "02:30", BERLIN), "2026-10-25T00:30", "2026-10-26T01:30"),
        # In Kiritimati it is tomorrow already.
        (("weekly", 1, "08:00", "Pacific/Kiritimati"), "2026-03-01T12:00", "2026-03-01T18:00"),
        (("daily", 1, "08:00", "Mars/Base"), "2026-03-02T07:00", "2026-03-02T08:00"),
    ],
)
def test_the_next_time_is_by_the_clocks_of_the_person(schedule, after, due):
    frequency, day, clock, zone = schedule
    found = next_time(
        Schedule(Frequency(frequency), day, time.fromisoformat(clock), zone), at(after)
    )
    assert found == at(due)


def test_off_is_never_due():
    assert next_time(Schedule(Frequency.OFF, 1, time(8), "UTC"), at("2026-03-02T08:00")) is None


@pytest.mark.parametrize("zone", [BERLIN, LORD_HOWE, "America/St_Johns", "Africa/Casablanca"])
@pytest.mark.parametrize("clock", ["00:00", "02:15", "23:59"])
def test_a_year_has_one_digest_for_each_day(zone, clock):
    schedule = Schedule(Frequency.DAILY, 1, time.fromisoformat(clock), zone)
    times = [at("2026-01-05T12:00")]
    while times[-1] < at("2027-01-05T12:00"):
        times.append(next_time(schedule, times[-1]))
    assert len(times) == 367
    gaps = {later - earlier for earlier, later in pairwise(times[1:])}
    assert min(gaps) >= timedelta(hours=23)
    assert max(gaps) <= timedelta(hours=25)
