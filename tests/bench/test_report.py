"""Verdicts of rows, their JSON, and the summary of a profile."""

from collections import Counter

import pytest

from bench.profile import summary
from bench.report import Row, Target


def row(value: float, target: Target | None, *, sound: bool = True) -> Row:
    return Row(
        row="P1",
        metric="m",
        value=value,
        unit="u",
        target=target,
        stock=2.0,
        faults=Counter(lost=3),
        sound=sound,
    )


@pytest.mark.parametrize(
    ("value", "target", "verdict"),
    [
        (10, Target(10), "met"),
        (9.99, Target(10), "missed"),
        (10, Target(10, at_most=True), "met"),
        (10.01, Target(10, at_most=True), "missed"),
        (10, None, "-"),
    ],
)
def test_a_value_meets_its_target_or_misses_it(value, target, verdict):
    assert row(value, target).verdict == verdict


def test_a_row_with_faults_is_unsound_at_any_speed():
    assert row(1_000_000, Target(10), sound=False).verdict == "unsound"


def test_json_contains_value_target_and_references():
    assert row(12.34567, Target(10)).as_json() == {
        "row": "P1",
        "metric": "m",
        "value": 12.3457,
        "unit": "u",
        "target": "≥ 10",
        "verdict": "met",
        "stock": 2.0,
        "ceiling": None,
        "points": [],
        "lost": 3,
        "duplicated": 0,
        "reordered": 0,
    }


def test_a_profile_counts_a_function_once_per_stack_whatever_its_line():
    text = summary("a (x.py:1);b (x.py:2) 3\na (x.py:9);a (x.py:9);c (x.py:7) 1\n")
    assert "75.0 %  b (x.py)" in text
    assert "100.0 %  a (x.py)" in text
