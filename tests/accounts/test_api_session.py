"""Signing in and out over the API."""

import json

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.support.people import PASSWORD

SESSION = "/api/v1/session"


@pytest.fixture
def account(db):
    return register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)


def post(client, body, **more):
    return client.post(SESSION, json.dumps(body), content_type="application/json", **more)


def credentials(username="alice", password=PASSWORD):
    return {"username": username, "password": password}


def test_a_script_signs_in_changes_something_and_signs_out(account):
    client = Client(enforce_csrf_checks=True)
    response = post(client, credentials())
    assert response.status_code == 201
    assert response.json()["me"]["username"] == "alice"
    token = {"X-CSRFToken": response.json()["csrf_token"]}
    change = json.dumps({"version": 1, "name": "Alice"})
    json_type = "application/json"
    assert client.patch("/api/v1/me", change, json_type).status_code == 403
    assert client.patch("/api/v1/me", change, json_type, headers=token).status_code == 200
    assert client.delete(SESSION).status_code == 403
    assert client.delete(SESSION, headers=token).status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_the_email_works_for_signing_in(account):
    assert post(Client(), credentials("Alice@Example.org")).status_code == 201


def test_wrong_password_unknown_person_and_closed_account_get_the_same_response(account):
    register("bob", password=PASSWORD)
    User.objects.filter(username="bob").update(is_active=False)
    responses = [
        post(Client(), body)
        for body in (credentials(password="wrong"), credentials("nobody"), credentials("bob", "no"))
    ]
    assert {(response.status_code, response.content) for response in responses} == {
        (401, responses[0].content)
    }
    assert post(Client(), credentials("bob")).status_code == 401


def test_the_api_shares_the_limits_of_the_sign_in_page(account):
    for _ in range(5):
        page = {"login": "alice", "password": "wrong"}
        Client(REMOTE_ADDR="198.51.100.9").post("/accounts/login/", page)
    response = post(Client(REMOTE_ADDR="198.51.100.9"), credentials())
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_many_attempts_from_one_address_are_refused(account):
    codes = [post(Client(), credentials(f"nobody{n}", "wrong")).status_code for n in range(11)]
    assert codes == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"{", "#"),
        (b"[]", "#"),
        (b"\xff", "#"),
        (b"[" * 100_000, "#"),
        (b'{"username": "alice"}', "#/password"),
        (b'{"username": 5, "password": "x"}', "#/username"),
        (b'{"username": "", "password": "x"}', "#/username"),
        (b'{"username": "a", "password": "x", "admin~/": true}', "#/admin~0~1"),
        (b'{"username": "a", "password": "%s"}' % (b"x" * 5000), "#/password"),
    ],
)
def test_malformed_bodies_are_refused_with_a_pointer(db, body, pointer):
    response = Client().post(SESSION, body, content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "invalid"
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_content_types_that_other_sites_can_send_are_refused(account, kind):
    response = Client().post(SESSION, json.dumps(credentials()), content_type=kind)
    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"


def test_a_body_beyond_the_limit_is_refused(db, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = post(Client(), credentials(password="x" * 2000))
    assert (response.status_code, response.json()["code"]) == (400, "too_long")


@pytest.mark.parametrize("username", ["a\x00b", "'; DROP TABLE accounts_user; --", "\ud800", "🦔"])
def test_hostile_names_sign_nobody_in(account, username):
    response = Client().post(
        SESSION, json.dumps(credentials(username)), content_type="application/json"
    )
    assert response.status_code in (400, 401)
    assert User.objects.count() == 1
