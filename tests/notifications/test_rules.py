"""The rules, case by case; the browser's copy is tested with the same table (browser/)."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import thread_time

import pytest

from apps.notifications import rules
from apps.notifications.rules import (
    MAX_KEYWORD_TEXT,
    ChatPreferences,
    DoNotDisturb,
    Level,
    contains_keyword,
    decide,
)

HERE = Path(__file__).parent
CASES = json.loads((HERE / "rules.json").read_text())
WORDS = json.loads((HERE / "keywords.json").read_text())


def preferences_of(case):
    given = dict(case.get("preferences", {}))
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
    return ChatPreferences(**given, do_not_disturb=DoNotDisturb(**quiet))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_decide_follows_the_table(case):
    reason = decide(
        preferences_of(case),
        text=case.get("text", "hello"),
        mentioned=case.get("mentioned", False),
        now=datetime.fromisoformat(case.get("now", "2026-03-01T12:00:00+00:00")),
    )
    assert reason == case["reason"]


def test_quiet_hours_follow_a_change_to_summer_time():
    """Berlin, the night of 28 March 2027: 02:00 becomes 03:00."""
    quiet = DoNotDisturb("Europe/Berlin", time(22), time(7))
    night = datetime(2027, 3, 27, 20, 30, tzinfo=UTC)
    hours = [hour for hour in range(14) if quiet.active_at(night + timedelta(hours=hour))]
    # From 22:00 (21:00 UTC) to 07:00, which is 05:00 UTC that morning: an hour less.
    assert hours == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("case", WORDS["texts"], ids=[case["text"] for case in WORDS["texts"]])
def test_keywords_match_whole_words_in_any_case(case):
    assert contains_keyword(case["text"], tuple(WORDS["keywords"])) is case["found"]


@pytest.mark.parametrize(
    "case", WORDS["pairs"], ids=[f"{case['keyword']} in {case['text']}" for case in WORDS["pairs"]]
)
def test_a_keyword_of_any_script_matches_where_a_word_may_stand(case):
    assert contains_keyword(case["text"], [case["keyword"]]) is case["found"]


def test_keywords_are_searched_for_at_the_beginning_of_a_long_text():
    assert contains_keyword("x " * (MAX_KEYWORD_TEXT // 2 - 3) + "deploy", ["deploy"])
    assert not contains_keyword("x " * (MAX_KEYWORD_TEXT // 2) + "deploy", ["deploy"])


HOSTILE = {
    "signs": ("!", ["x", *("!" * 58 + chr(97 + number % 26) for number in range(48))]),
    "a sign more": (
        "a" + "!" * 200,
        ["!" * 25 + "a" + "!" * (number % 33) for number in range(49)],
    ),
    "one word": ("a ", ["a " * 27 + "! a" + "!" * number for number in range(49)]),
    "combining characters": ("\u0301\u0316", [f"a\u0301\u0316!{number}" for number in range(49)]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_keywords_and_texts_are_compared_quickly(name):
    """It runs in the transaction that sends: 5 ms at most; 20 ms allow for a slow machine."""
    part, keywords = HOSTILE[name]
    text = part * (99_999 // len(part))
    spent = []
    for _ in range(5):
        rules._text.cache_clear()
        rules._keywords.cache_clear()
        begun = thread_time()
        contains_keyword(text, keywords)
        spent.append(thread_time() - begun)
    assert min(spent) < 0.02
