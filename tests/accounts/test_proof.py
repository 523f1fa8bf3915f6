"""Proving again that it is the person who is signed in, over the API."""

import json

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import Session
from tests.accounts.test_passkeys import assertion
from tests.support.apps import App, app_of
from tests.support.people import PASSWORD, person, signed_in
from tests.support.proof import long_ago

PROOF = "/api/v1/session/proof"
JSON = "application/json"


@pytest.fixture
def alice(db):
    return register("alice", password=PASSWORD)


@pytest.fixture(params=["browser", "app"])
def client(alice, request):
    """A browser or an app of Alice whose sign-in is too long ago."""
    made = signed_in(alice) if request.param == "browser" else app_of(alice)
    long_ago(made)
    return made


def post(client, path, body=None):
    if isinstance(client, App):
        return client.request("POST", path, body)
    return client.post(f"/api/v1/{path}", json.dumps(body or {}), content_type=JSON)


def is_fresh(client):
    """Whether a change that asks for a fresh proof is accepted."""
    answer = post(client, "exports")
    assert answer.status_code == 202 or answer.json()["code"] == "fresh_sign_in_required"
    return answer.status_code == 202


def test_the_password_proves_it_without_a_new_session(client, alice):
    before = set(Session.objects.values_list("session_key", flat=True))
    assert not is_fresh(client)
    answer = post(client, "session/proof", {"password": PASSWORD})
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_fresh(client)
    assert set(Session.objects.values_list("session_key", flat=True)) == before


def test_a_proof_of_one_device_is_not_that_of_another(client, alice):
    other = app_of(alice)
    long_ago(other)
    post(client, "session/proof", {"password": PASSWORD})
    assert not is_fresh(other)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_proves_nothing(client, password):
    answer = post(client, "session/proof", {"password": password})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "#/password"
    assert not is_fresh(client)


def test_the_password_of_another_proves_nothing(alice):
    register("charlie", password="the words of Charlie")
    client = app_of(alice)
    long_ago(client)
    assert post(client, "session/proof", {"password": "the words of Charlie"}).status_code == 400
    assert not is_fresh(client)


def test_guesses_are_limited_as_at_the_sign_in_page(client):
    for _ in range(5):
        assert post(client, "session/proof", {"password": "guess"}).status_code == 400
    answer = post(client, "session/proof", {"password": PASSWORD})
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert not is_fresh(client)


def test_an_account_without_a_password_signs_in_again(db):
    client = app_of(person("bob"))
    long_ago(client)
    answer = post(client, "session/proof", {"password": "guess"})
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")


def test_nobody_proves_anything_without_signing_in(db):
    answer = Client().post(PROOF, {"password": PASSWORD}, content_type=JSON)
    assert answer.status_code == 401


def test_without_local_accounts_there_is_no_such_proof(alice, settings):
    client = signed_in(alice)
    settings.LOCAL_ACCOUNTS = False
    for path in ("session/proof", "session/proof/passkey"):
        assert post(client, path).status_code == 404


def test_a_passkey_of_nobody_proves_nothing(client, settings):
    options = post(client, "session/proof/passkey").json()["publicKey"]
    assert options["userVerification"] == "required"
    passkey = assertion(settings.PUBLIC_URL, options["challenge"])
    answer = post(client, "session/proof", {"passkey": passkey})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/passkey")
    assert not is_fresh(client)


def test_no_cookie_signs_in_with_the_key_of_an_app(alice, settings):
    app = app_of(alice)
    answer = post(app, "session/proof", {"password": PASSWORD})
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
