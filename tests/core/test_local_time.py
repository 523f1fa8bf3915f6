"""Local times and instants; tests/client/js/times.test.js has the same cases for the browser."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apps.core.local_time import instant_of, zone_named, zones_of_places

CASES = json.loads((Path(__file__).parent / "local_times.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['zone']} {case['local']}")
def test_a_local_time_is_one_instant(case):
    local = datetime.fromisoformat(case["local"])
    instant = instant_of(local.date(), local.time(), ZoneInfo(case["zone"]))
    assert instant == datetime.fromisoformat(case["instant"])
    second = instant_of(local.date(), local.time().replace(fold=1), ZoneInfo(case["zone"]))
    assert second == instant


@pytest.mark.parametrize("name", ["", "Nowhere/Else", "../etc/passwd", "x" * 5000])
def test_a_zone_that_the_server_does_not_know_is_as_utc(name):
    assert zone_named(name) == ZoneInfo("UTC")


def test_the_list_of_zones_is_of_places():
    words = dict(zones_of_places())
    assert words["America/Argentina/Buenos_Aires"] == "America/Argentina/Buenos Aires"
    assert {"Europe/Berlin", "UTC"} <= set(words)
    strange = {"Factory", "localtime", "UCT", "Etc/GMT+7", "US/Eastern", "EST", "GB", "posixrules"}
    assert not strange & set(words)
