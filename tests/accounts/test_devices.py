"""A person's list of devices: naming them, and signing them out."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db.models import F
from django.test import Client
from django.utils import timezone, translation

from apps.accounts.actions import device_uses, registration
from apps.accounts.device_labels import label
from apps.accounts.models import Session
from apps.accounts.queries.sessions import session_hash
from apps.core import limits
from apps.wire.publish import EndSessions
from tests.support.apps import app_of
from tests.support.people import PASSWORD, signed_in
from tests.support.statements import traffic

DEVICES = "/api/v1/devices"
NEW = "another horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def _nothing_recorded():
    device_uses.forget()


def key(client):
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def listed(client, **more):
    response = client.get(DEVICES, **more)
    assert response.status_code == 200
    return response.json()["items"]


def device_id(client):
    return Session.objects.get(session_key=key(client)).device_id


def rename(client, device, name):
    body = json.dumps({"name": name})
    return client.patch(f"{DEVICES}/{device}", body, content_type="application/json")


def ended(events):
    return {item.effect.session for item in events if isinstance(item.effect, EndSessions)}


def test_the_list_has_every_signed_in_browser_of_the_person_and_marks_this_one(alice, bob):
    laptop, phone = signed_in(alice), signed_in(alice)
    signed_in(bob)
    expired = signed_in(alice)
    long_ago = timezone.now() - timedelta(1)
    Session.objects.filter(session_key=key(expired)).update(expire_date=long_ago)
    listed(phone, headers={"User-Agent": IPHONE}, REMOTE_ADDR="198.51.100.7")
    Session.objects.filter(session_key=key(phone)).update(used_at=F("used_at") - timedelta(1))
    items = listed(laptop, headers={"User-Agent": FIREFOX}, REMOTE_ADDR="2001:db8::5")
    items = listed(laptop)
    assert [(item["name"], item["address"], item["current"]) for item in items] == [
        ("Firefox on Linux", "2001:db8::/64", True),
        ("Safari on iOS", "198.51.100.7", False),
    ]
    assert {(item["kind"], item["named"]) for item in items} == {("browser", False)}


def test_no_key_of_a_session_is_in_the_list(alice):
    laptop, phone = signed_in(alice), signed_in(alice)
    body = laptop.get(DEVICES).content.decode()
    for client in (laptop, phone):
        assert key(client) not in body
        assert session_hash(key(client)) not in body


def test_the_address_of_a_proxy_is_not_that_of_the_device(alice, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    laptop = signed_in(alice)
    given = {"X-Forwarded-For": "6.6.6.6, 203.0.113.5"}
    laptop.get(DEVICES, headers=given, REMOTE_ADDR="10.0.0.1")
    assert listed(laptop)[0]["address"] == "203.0.113.5"


def test_the_last_use_is_written_once_in_a_few_minutes(alice):
    laptop = Client(HTTP_USER_AGENT=FIREFOX)
    laptop.force_login(alice, "allauth.account.auth_backends.AuthenticationBackend")
    laptop.get(DEVICES, REMOTE_ADDR="198.51.100.1")
    with traffic() as sent:
        laptop.get(DEVICES, REMOTE_ADDR="198.51.100.2")
    assert sent.statements == 2  # the session with its person; the list
    assert Session.objects.get(session_key=key(laptop)).address == "198.51.100.1"
    # Another process asks the database, which has a recent use.
    device_uses.forget()
    laptop.get(DEVICES, REMOTE_ADDR="198.51.100.2")
    assert Session.objects.get(session_key=key(laptop)).address == "198.51.100.1"
    long_ago = timezone.now() - timedelta(seconds=device_uses.INTERVAL_S + 1)
    Session.objects.update(used_at=long_ago)
    device_uses.forget()
    laptop.get(DEVICES, REMOTE_ADDR="198.51.100.2")
    row = Session.objects.get(session_key=key(laptop))
    assert row.address == "198.51.100.2"
    assert row.used_at > long_ago


def test_a_request_that_stores_its_session_keeps_what_is_known_of_the_device(alice):
    laptop = signed_in(alice)
    listed(laptop, headers={"User-Agent": FIREFOX})
    assert rename(laptop, device_id(laptop), "Laptop").status_code == 200
    before = Session.objects.get(session_key=key(laptop))
    session = laptop.session
    session["seen"] = True
    session.save()
    after = Session.objects.get(session_key=key(laptop))
    assert after.session_data != before.session_data
    for field in ("device_id", "name", "agent", "address", "began_at", "used_at"):
        assert getattr(after, field) == getattr(before, field)


@pytest.mark.parametrize("agent", ["", "\x00\x01", "x" * 5000, "Mozilla/5.0", "é\udc80"])
def test_a_strange_program_gets_some_name(alice, agent):
    laptop = signed_in(alice)
    listed(laptop, HTTP_USER_AGENT=agent)
    [item] = listed(laptop, HTTP_USER_AGENT=agent)
    assert 0 < len(item["name"]) <= 80


def test_an_app_is_called_by_its_own_name():
    assert label("ParleyNotes/1.2 (Linux)") == "ParleyNotes on Linux"
    with translation.override("de"):
        assert label(FIREFOX) == "Firefox unter Linux"
        assert label("") == "Unbekanntes Gerät"


def test_a_device_gets_a_name_and_loses_it(alice):
    laptop, phone = signed_in(alice), signed_in(alice)
    response = rename(laptop, device_id(phone), "  My phone ")
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["named"]) == ("My phone", True)
    assert response.json()["current"] is False
    assert rename(laptop, device_id(phone), "").json()["named"] is False


@pytest.mark.parametrize("name", ["two\nlines", "\u202eenohp", "x" * 81])
def test_a_name_is_one_short_line(alice, name):
    laptop = signed_in(alice)
    response = rename(laptop, device_id(laptop), name)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/name"


def test_signing_out_one_device_ends_it_alone(alice, captured_events):
    laptop, phone = signed_in(alice), signed_in(alice)
    with captured_events() as events:
        response = laptop.delete(f"{DEVICES}/{device_id(phone)}")
    assert response.status_code == 204
    assert ended(events) == {session_hash(key(phone))}
    assert phone.get(DEVICES).status_code == 401
    assert [item["current"] for item in listed(laptop)] == [True]


def test_a_device_can_sign_itself_out(alice):
    laptop = signed_in(alice)
    assert laptop.delete(f"{DEVICES}/{device_id(laptop)}").status_code == 204
    assert laptop.get(DEVICES).status_code == 401


def test_all_others_are_signed_out_and_this_one_stays(alice, bob, captured_events):
    laptop, phone, tablet = signed_in(alice), signed_in(alice), signed_in(alice)
    other = signed_in(bob)
    with captured_events() as events:
        assert laptop.delete(DEVICES).status_code == 204
    assert ended(events) == {session_hash(key(phone)), session_hash(key(tablet))}
    assert [client.get(DEVICES).status_code for client in (laptop, phone, tablet, other)] == [
        200,
        401,
        401,
        200,
    ]


def test_all_are_signed_out_with_this_one(alice, bob):
    laptop, phone, other = signed_in(alice), signed_in(alice), signed_in(bob)
    assert laptop.delete(f"{DEVICES}?all=true").status_code == 204
    assert [client.get(DEVICES).status_code for client in (laptop, phone, other)] == [401, 401, 200]


def test_a_stranger_gets_the_same_response_as_for_a_device_that_does_not_exist(alice, charlie):
    hers, stranger = signed_in(alice), signed_in(charlie)
    for device in (device_id(hers), uuid4()):
        for response in (
            rename(stranger, device, "Mine"),
            stranger.delete(f"{DEVICES}/{device}"),
        ):
            assert response.status_code == 404
            assert response.json()["code"] == "not_found"
    assert listed(hers)[0]["named"] is False


def test_nobody_is_listed_without_a_session(db):
    for method in ("get", "delete"):
        assert getattr(Client(), method)(DEVICES).status_code == 401


def test_a_new_password_signs_out_all_other_devices(db, captured_events):
    user = registration.register("alice", password=PASSWORD)
    laptop, phone = Client(), signed_in(user)
    laptop.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    here, before, other = device_id(laptop), key(laptop), key(phone)
    rename(laptop, here, "Laptop")
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    with captured_events() as events:
        assert laptop.post("/accounts/password/change/", form).status_code == 302
    assert phone.get(DEVICES).status_code == 401
    [item] = listed(laptop)
    assert (item["id"], item["name"], item["current"]) == (str(here), "Laptop", True)
    # The old key of this browser is worth nothing, either.
    assert ended(events) == {session_hash(other), session_hash(before)}
    assert not Session.objects.filter(session_key=before).exists()
    stolen = Client()
    stolen.cookies["parley"] = before
    assert stolen.get(DEVICES).status_code == 401


def test_another_person_who_signs_in_on_the_same_browser_has_another_device(alice, bob):
    shared = signed_in(alice)
    before = device_id(shared)
    rename(shared, before, "Alice's")
    shared.force_login(bob, "allauth.account.auth_backends.AuthenticationBackend")
    assert device_id(shared) != before
    assert listed(shared)[0]["named"] is False


def test_a_key_of_an_app_signs_no_browser_in(alice):
    row = Session.objects.get(session_key=key(signed_in(alice)))
    Session.objects.create(
        session_key="app:0123456789abcdef",
        session_data=row.session_data,
        expire_date=row.expire_date,
        user=alice,
    )
    stolen = Client()
    stolen.cookies["parley"] = "app:0123456789abcdef"
    assert stolen.get(DEVICES).status_code == 401


def test_ending_devices_is_not_limited_by_what_another_device_does(alice, monkeypatch):
    mine, thief = signed_in(alice), signed_in(alice)
    limits.check(limits.DEVICES, alice.id, uses=limits.DEVICES.amount - 1)
    assert rename(thief, uuid4(), "Mine").status_code != 429
    assert rename(thief, uuid4(), "Mine").status_code == 429
    assert mine.delete(f"{DEVICES}/{device_id(thief)}").status_code == 204
    assert mine.delete(DEVICES).status_code == 204


def test_a_cookie_beside_a_token_is_not_recorded(alice, bob):
    app, browser = app_of(alice), signed_in(bob)
    for cookie in (key(browser), "x" * 8_000):
        sent = {"Cookie": f"{django_settings.SESSION_COOKIE_NAME}={cookie}"}
        assert app.request("GET", "me", headers=sent).status_code == 200
    assert "ParleyNotes" not in Session.objects.get(session_key=key(browser)).agent
    assert max(map(len, device_uses._recorded._at)) <= 40
