"""Passkeys: what the server refuses. Real ones are in tests/accounts/browser."""

import base64
import hashlib
import json

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from apps.accounts.second_factor_forms import (
    PasskeyField,
    PasskeySignInForm,
    parse_authentication_response,
)
from tests.support.signing_in import SIGN_IN, is_signed_in

PASSKEY = "/accounts/2fa/passkeys/login/"
JSON = {"Accept": "application/json"}
ORIGIN = settings.PUBLIC_URL


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def assertion(origin, challenge="c2FtZQ", **response):
    """A response of a browser, well-formed, with a signature of nobody."""
    client_data = {"type": "webauthn.get", "challenge": challenge, "origin": origin}
    data = hashlib.sha256(b"localhost").digest() + b"\x05" + bytes(4)
    parts = {
        "clientDataJSON": b64(json.dumps(client_data).encode()),
        "authenticatorData": b64(data),
        "signature": b64(b"nobody's"),
        "userHandle": b64(b"nobody"),
        **response,
    }
    identity = b64(b"credential")
    return {"id": identity, "rawId": identity, "type": "public-key", "response": parts}


def clean(value):
    return PasskeyField(parse_authentication_response).clean(json.dumps(value))


def test_a_response_is_accepted_from_our_own_origin_only(settings):
    settings.PUBLIC_URL = "https://chat.example.org"
    assert clean(assertion("https://chat.example.org"))
    for origin in (
        "https://evil.chat.example.org",
        "http://chat.example.org",
        "https://chat.example.org:8443",
        "https://chat.example.org.evil.example",
        "null",
        "",
    ):
        with pytest.raises(ValidationError, match="not accepted"):
            clean(assertion(origin))


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        7,
        {"response": []},
        assertion(ORIGIN, authenticatorData="AAAA"),
        assertion(ORIGIN, clientDataJSON=b64(b"[]")),
        assertion(ORIGIN, clientDataJSON=b64(b"\xff")),
        assertion(ORIGIN, signature=None),
    ],
)
def test_malformed_responses_are_refused(value):
    with pytest.raises(ValidationError):
        clean(value)


@pytest.mark.parametrize("handle", [None, 7, b64(b"nobody"), b64(b"\xff\xfe"), "€"])
def test_a_passkey_of_nobody_signs_nobody_in(db, settings, handle):
    client = Client()
    challenge = client.get(PASSKEY, headers=JSON).json()["request_options"]["publicKey"]
    response = assertion(settings.PUBLIC_URL, challenge["challenge"], userHandle=handle)
    answer = client.post(PASSKEY, {"credential": json.dumps(response)})
    assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)
    assert not is_signed_in(client)
    assert "This passkey was not accepted." in client.get(SIGN_IN).content.decode()


def test_a_challenge_is_new_each_time_and_its_session_short(db):
    client = Client()
    challenges = [client.get(PASSKEY, headers=JSON).json()["request_options"] for _ in range(2)]
    assert challenges[0] != challenges[1]
    assert challenges[0]["publicKey"]["userVerification"] == "required"
    assert client.session.get_expiry_age() <= 600


def test_passkeys_of_an_address_are_limited(db, settings):
    client = Client()
    body = {"credential": json.dumps(assertion(settings.PUBLIC_URL))}
    for _ in range(10):
        assert client.post(PASSKEY, body).status_code == 302
    assert client.post(PASSKEY, body).status_code == 429


def test_the_sign_in_page_offers_passkeys_only_where_browsers_make_them(db, settings):
    for url, offered in (
        ("https://chat.example.org", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("http://chat.example.org", False),
    ):
        settings.PUBLIC_URL = url
        page = Client().get(SIGN_IN).content.decode()
        assert ("Sign in with a passkey" in page) == offered, url


def test_a_device_that_did_not_verify_the_person_is_refused_before_its_signature(db, monkeypatch):
    """Also with a challenge that was made for a second step, which does not ask for it."""
    asked = []
    monkeypatch.setattr(
        "allauth.mfa.webauthn.internal.auth.complete_authentication",
        lambda user, credential: asked.append(credential),
    )
    monkeypatch.setattr(
        "allauth.mfa.webauthn.internal.auth.extract_user_from_response", lambda response: object()
    )
    touched = hashlib.sha256(b"localhost").digest() + b"\x01" + bytes(4)
    unverified = assertion(ORIGIN, authenticatorData=b64(touched))
    for response, accepted in ((unverified, False), (assertion(ORIGIN), True)):
        form = PasskeySignInForm({"credential": json.dumps(response)})
        form.is_valid()
        assert (len(asked) == 1) == accepted
