"""Where a person is signed in, on the page *Sign-in and security*."""

from uuid import uuid4

import pytest

from apps.accounts.models import Session
from tests.sso.conftest import who
from tests.support.people import signed_in

SECURITY = "/settings/security"
DEVICES = f"{SECURITY}/devices"
BACK = f"{SECURITY}#devices"


def device_of(client):
    return Session.objects.get(session_key=client.session.session_key).device_id


@pytest.fixture
def laptop(alice):
    client = signed_in(alice)
    client.get(SECURITY)
    return client


@pytest.fixture
def phone(alice):
    return signed_in(alice)


def page(client):
    return client.get(SECURITY).content.decode()


def test_all_devices_are_listed_and_this_one_cannot_be_signed_out(laptop, phone):
    shown = page(laptop)
    assert shown.count("This device.") == 1
    assert f"{DEVICES}/{device_of(phone)}/end" in shown
    assert f"{DEVICES}/{device_of(laptop)}/end" not in shown
    for client in (laptop, phone):
        assert client.session.session_key not in shown


def test_a_device_is_named_and_gets_its_default_back(laptop, phone):
    path = f"{DEVICES}/{device_of(phone)}/rename"
    assert laptop.post(path, {"name": " <b>Phone</b> "})["Location"] == BACK
    assert "&lt;b&gt;Phone&lt;/b&gt;" in page(laptop)
    laptop.post(path, {"name": ""})
    assert "Phone" not in page(laptop)


def test_a_name_that_cannot_be_stored_changes_nothing(laptop, phone):
    laptop.post(f"{DEVICES}/{device_of(phone)}/rename", {"name": "x" * 81})
    assert "Use at most 80 characters." in page(laptop)
    assert not Session.objects.exclude(name="").exists()


def test_one_device_is_signed_out(laptop, phone, alice):
    tablet = signed_in(alice)
    assert laptop.post(f"{DEVICES}/{device_of(phone)}/end")["Location"] == BACK
    assert "The device was signed out." in page(laptop)
    assert who(phone) is None
    assert who(tablet)
    assert who(laptop)


def test_all_others_are_signed_out(laptop, phone, alice):
    tablet = signed_in(alice)
    assert laptop.post(f"{DEVICES}/end")["Location"] == BACK
    assert "2 other devices were signed out." in page(laptop)
    assert who(phone) is who(tablet) is None
    assert who(laptop)


def test_nobody_changes_anothers_devices(laptop, charlie, client):
    device = device_of(laptop)
    stranger = signed_in(charlie)
    for change in ("end", "rename"):
        assert stranger.post(f"{DEVICES}/{device}/{change}", {"name": "Mine"}).status_code == 404
        assert stranger.post(f"{DEVICES}/{uuid4()}/{change}").status_code == 404
    stranger.post(f"{DEVICES}/end")
    assert client.post(f"{DEVICES}/{device}/end")["Location"].startswith("/accounts/login/")
    assert who(laptop)
    assert not Session.objects.exclude(name="").exists()


def test_a_get_changes_nothing(laptop, phone):
    assert laptop.get(f"{DEVICES}/{device_of(phone)}/end").status_code == 405
    assert laptop.get(f"{DEVICES}/end").status_code == 405
    assert who(phone)
