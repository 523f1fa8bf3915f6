"""The decision itself, case by case; the browser's own copy answers the same cases."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from apps.notifications.rules import Level, Quiet, Wishes, decide, speaks_of

HERE = Path(__file__).parent
CASES = json.loads((HERE / "rules.json").read_text())
WORDS = json.loads((HERE / "keywords.json").read_text())


def wishes_of(case):
    given = dict(case.get("wishes", {}))
    quiet = given.pop("quiet", {})
    for name in ("start", "end"):
        if quiet.get(name):
            quiet = quiet | {name: time.fromisoformat(quiet[name])}
    for holder in (given, quiet):
        for name in ("muted_until", "until"):
            if holder.get(name):
                holder[name] = datetime.fromisoformat(holder[name])
    if "level" in given:
        given["level"] = Level(given["level"])
    return Wishes(**given, quiet=Quiet(**quiet))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_it_decides_as_the_table_says(case):
    reason = decide(
        wishes_of(case),
        text=case.get("text", "hello"),
        mentioned=case.get("mentioned", False),
        now=datetime.fromisoformat(case.get("now", "2026-03-01T12:00:00+00:00")),
    )
    assert reason == case["reason"]


def test_quiet_follows_the_clock_of_the_person_through_a_change_of_it():
    """Berlin, the night of 28 March 2027: 02:00 becomes 03:00."""
    quiet = Quiet("Europe/Berlin", time(22), time(7))
    night = datetime(2027, 3, 27, 20, 30, tzinfo=UTC)
    hours = [hour for hour in range(14) if quiet.at(night + timedelta(hours=hour))]
    # From 22:00 (21:00 UTC) to 07:00, which is 05:00 UTC on that morning: an hour less.
    assert hours == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("case", WORDS["texts"], ids=[case["text"] for case in WORDS["texts"]])
def test_keywords_are_whole_words_in_any_case(case):
    assert speaks_of(case["text"], tuple(WORDS["keywords"])) is case["found"]
