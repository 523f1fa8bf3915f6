"""The second step of a sign-in over the API."""

import json

from django.test import Client

from apps.accounts.models import Session
from tests.accounts.test_second_factor import SECOND_STEP, alice, set_up, signed_in_anew, still
from tests.support.people import PASSWORD
from tests.support.signing_in import SIGN_IN, is_signed_in
from tests.support.totp import totp

__all__ = ["alice", "still"]

SESSION = "/api/v1/session"


def api_sign_in(client, path=SESSION, **more):
    body = {"username": "alice", "password": PASSWORD, **more}
    return client.post(path, json.dumps(body), content_type="application/json")


def test_the_api_asks_for_a_code_and_signs_in_with_it(alice, still):
    secret, codes = set_up(signed_in_anew(), still.now())
    still(60)
    client = Client()
    refused = api_sign_in(client)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    assert client.get(SECOND_STEP)["Location"] == SIGN_IN, "nothing of the sign-in is kept"
    wrong = api_sign_in(client, code="000000")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "signed_out")
    assert not is_signed_in(client)
    unknown = api_sign_in(client, password="wrong", code=codes[0])
    assert (unknown.status_code, unknown.json()["code"]) == (401, "signed_out")
    for code in (totp(secret, at=still.now()), codes[0]):
        client = Client()
        assert api_sign_in(client, code=code).status_code == 201
        assert is_signed_in(client)


def test_the_api_limits_wrong_codes(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    still(60)
    for _ in range(5):
        assert api_sign_in(Client(), code="000000").status_code == 401
    limited = api_sign_in(Client(), code=totp(secret, at=still.now()))
    assert (limited.status_code, limited["Retry-After"]) == (429, "60")


def test_an_app_gets_tokens_with_a_code_only(alice, still):
    secret, codes = set_up(signed_in_anew(), still.now())
    before = Session.objects.count()
    still(60)
    for more, status, reason in (
        ({}, 403, "second_factor_required"),
        ({"code": "000000"}, 401, "signed_out"),
        ({"password": "wrong", "code": codes[0]}, 401, "signed_out"),
    ):
        refused = api_sign_in(Client(), "/api/v1/tokens", **more)
        assert (refused.status_code, refused.json()["code"]) == (status, reason)
        assert "access_token" not in refused.json()
    assert Session.objects.count() == before
    code = totp(secret, at=still.now())
    assert api_sign_in(Client(), "/api/v1/tokens", code=code).status_code == 201
    assert api_sign_in(Client(), "/api/v1/tokens", code=code).status_code == 401
