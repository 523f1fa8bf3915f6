"""Reads over the API are limited per person, across all endpoints."""

import pytest

from apps.core import limits
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db


UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("path", ["me", "chats", "saved", "contacts", f"chats/{UNKNOWN}/changes"])
def test_reading_too_fast_is_429_for_that_person_only(alice, bob, monkeypatch, path):
    monkeypatch.setattr(limits, "READS", limits.READS._replace(name=f"reads-{path}", amount=3))
    hers, his = signed_in(alice), signed_in(bob)
    answers = [hers.get(f"/api/v1/{path}") for _ in range(4)]
    assert 429 not in [answer.status_code for answer in answers[:3]]
    assert answers[3].status_code == 429
    assert answers[3].json()["code"] == "rate_limited"
    assert int(answers[3]["Retry-After"]) >= 1
    assert his.get(f"/api/v1/{path}").status_code != 429
    assert hers.get("/livez").status_code == 200
