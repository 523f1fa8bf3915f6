"""Changing the password, on the page and over the API."""

import json

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import Session, User
from apps.notifications.actions import subscriptions
from apps.notifications.models import Subscription
from tests.api.world import ENDPOINT, KEYS
from tests.support.apps import App, app_of
from tests.support.people import PASSWORD, person, signed_in
from tests.support.proof import long_ago
from tests.support.pushes import encoded
from tests.support.threads import together

PAGE = "/accounts/password/change/"
PATH = "/api/v1/me/password"
NEW = "another good one"
FORM = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}


@pytest.fixture(autouse=True)
def _key(settings):
    settings.VAPID_PRIVATE_KEY = encoded(bytes([1]) * 32)


@pytest.fixture
def alice(db):
    return register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)


def put(client, password=NEW):
    if isinstance(client, App):
        return client.request("PUT", "me/password", {"password": password})
    return client.put(PATH, json.dumps({"password": password}), content_type="application/json")


def is_password(user, password):
    return User.objects.get(id=user.id).check_password(password)


def key(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def by_the_page(client):
    assert client.post(PAGE, FORM).status_code == 302


def by_the_api(client):
    assert put(client).status_code == 204


@pytest.mark.parametrize("change", [by_the_page, by_the_api])
def test_a_change_ends_all_other_devices_and_tells_the_owner(alice, change, mailoutbox):
    client, other, app = signed_in(alice), signed_in(alice), app_of(alice)
    before = key(client)
    change(client)
    assert is_password(alice, NEW)
    assert client.get("/api/v1/me").status_code == 200
    assert key(client) != before
    assert other.get("/api/v1/me").status_code == app.status == 401
    assert Session.objects.count() == 1
    [mail] = mailoutbox
    assert (mail.to, "password has been changed" in mail.body) == (["alice@example.org"], True)


def test_the_mail_is_in_the_language_of_its_reader(alice, mailoutbox):
    User.objects.update(locale="de")
    by_the_api(signed_in(alice))
    assert "Passwort" in mailoutbox[0].body


@pytest.mark.parametrize("change", [by_the_page, by_the_api])
def test_a_change_keeps_the_push_subscription_of_the_device(alice, change):
    """And ends that of the others."""
    client, other = signed_in(alice), signed_in(alice)
    for number, device in enumerate((client, other)):
        subscriptions.subscribe(
            alice.id, session_key=key(device), endpoint=f"{ENDPOINT}-{number}", keys=KEYS
        )
    change(client)
    [kept] = Subscription.objects.all()
    assert (kept.session_id, kept.endpoint) == (key(client), f"{ENDPOINT}-0")


def test_an_app_changes_it_and_stays_signed_in(alice):
    app, browser = app_of(alice), signed_in(alice)
    assert put(app).status_code == 204
    assert app.status == 200
    assert app.refresh().status_code == 200
    assert browser.get("/api/v1/me").status_code == 401
    assert is_password(alice, NEW)


def test_the_api_asks_for_a_proof(alice):
    for client in (signed_in(alice), app_of(alice)):
        long_ago(client)
        answer = put(client)
        assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert is_password(alice, PASSWORD)


@pytest.mark.parametrize("password", ["short", "1029384756", "alice1", "password1"])
def test_a_weak_password_is_refused(alice, password):
    answer = put(signed_in(alice), password)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/password")
    assert is_password(alice, PASSWORD)


def test_an_account_without_a_password_gets_none_over_the_api(db, settings):
    bob = person("bob")
    assert put(signed_in(bob)).status_code == 409
    settings.LOCAL_ACCOUNTS = False
    assert put(app_of(bob)).status_code in (401, 404)
    assert not User.objects.get().has_usable_password()


def test_nobody_changes_the_password_of_another(alice):
    charlie = register("charlie", password="the words of Charlie")
    by_the_api(signed_in(charlie))
    assert is_password(alice, PASSWORD)
    assert is_password(charlie, NEW)
    assert put(Client()).status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repeat", range(3))
def test_two_changes_in_one_browser_at_once_leave_it_signed_in(alice, repeat):
    tabs = [signed_in(alice), Client()]
    tabs[1].cookies[settings.SESSION_COOKIE_NAME] = key(tabs[0])
    before = key(tabs[0])
    first, second = together(*[lambda tab=tab: tab.post(PAGE, FORM) for tab in tabs])
    assert {first.status_code, second.status_code} == {302}
    [new] = [key(tab) for tab in tabs if key(tab) != before]
    assert list(Session.objects.values_list("session_key", flat=True)) == [new]
    assert is_password(alice, NEW)
