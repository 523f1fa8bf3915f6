"""The data saver of a person: a setting of the profile, and the bytes that all devices saved."""

import json

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts, deletions
from apps.accounts.models import Session
from apps.accounts.tasks import erase_accounts
from apps.core.errors import NotFound
from apps.files.actions.bytes_saved import report
from apps.files.models import BytesSaved
from tests.support.people import session_of, signed_in

pytestmark = pytest.mark.django_db
API = "/api/v1/files/bytes-saved"


def month():
    return f"{timezone.now():%Y-%m}"


def put(client, saved, of=None):
    body = json.dumps({"month": of or month(), "bytes": saved})
    return client.put(API, body, content_type="application/json")


def test_the_setting_is_part_of_the_profile_and_all_devices_learn_of_it(alice, captured_events):
    client = signed_in(alice)
    me = client.get("/api/v1/me").json()
    assert (me["auto_load"], me["low_first"]) == ("always", False)
    change = {"version": me["version"], "auto_load": "good", "low_first": True}
    with captured_events() as events:
        answer = client.patch("/api/v1/me", change, content_type="application/json")
    assert (answer.status_code, answer.json()["auto_load"]) == (200, "good")
    [item] = events
    assert (item.to, item.event.me.auto_load, item.event.me.low_first) == (alice.id, "good", True)
    wrong = {"version": me["version"] + 1, "auto_load": "sometimes"}
    refused = client.patch("/api/v1/me", wrong, content_type="application/json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "#/auto_load"


def test_the_bytes_of_all_devices_are_counted_once(alice, bob):
    laptop, phone = signed_in(alice), signed_in(alice)
    assert laptop.get(API).json() == {"month": month(), "bytes": 0, "device": 0}
    put(laptop, 500)
    for _ in range(2):
        answer = put(laptop, 700)
    assert (answer.status_code, answer.json()) == (
        200,
        {"month": month(), "bytes": 700, "device": 700},
    )
    assert put(phone, 40).json() == {"month": month(), "bytes": 740, "device": 40}
    assert signed_in(bob).get(API).json()["bytes"] == 0


def test_a_month_begins_at_zero_and_another_one_is_refused(alice):
    client = signed_in(alice)
    put(client, 500)
    BytesSaved.objects.update(month="2020-01")
    assert client.get(API).json() == {"month": month(), "bytes": 0, "device": 0}
    assert [put(client, 9, of=other).status_code for other in ("2020-01", "2026-13")] == [400, 400]
    assert put(client, 8).json()["bytes"] == 8


def test_counts_of_devices_that_are_gone_go_with_the_month(alice):
    put(signed_in(alice), 500)
    Session.objects.all().delete()
    BytesSaved.objects.update(month="2020-01")
    put(signed_in(alice), 1)
    assert list(BytesSaved.objects.values_list("bytes", flat=True)) == [1]


@pytest.mark.parametrize("saved", [-1, 2**50 + 1, "1"])
def test_impossible_counts_are_refused(alice, saved):
    assert put(signed_in(alice), saved).status_code == 400


def test_a_closed_account_and_an_ended_session_report_nothing(alice, bob):
    key = session_of(alice)
    for user, session in ((bob, key), (alice, "of nobody")):
        with pytest.raises(NotFound):
            report(user.id, session_key=session, month=month(), saved=1)
    accounts.deactivate(alice.id)
    with pytest.raises(NotFound):
        report(alice.id, session_key=key, month=month(), saved=1)
    assert not BytesSaved.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_counts_are_erased_with_the_account(alice):
    put(signed_in(alice), 500)
    deletions.start(alice.id, at_once=True)
    erase_accounts()
    assert not BytesSaved.objects.exists()
