"""Signing out here and at Keycloak."""

from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from apps.accounts.models import User
from apps.accounts.queries.sessions import session_hash
from apps.sso.models import ProviderSession
from apps.wire.publish import EndSessions
from tests.sso.conftest import who
from tests.sso.test_logout import BACK, ended, logout_tokens

__all__ = ["logout_tokens"]


def test_signing_out_leads_to_the_provider_which_ends_its_session(sso):
    client = Client()
    before = {session["id"] for session in sso.sessions("kim")}
    sso.sign_in(client, "kim")
    assert len(sso.sessions("kim")) == len(before) + 1
    answer = client.post("/accounts/logout/")
    assert who(client) is None
    assert not ProviderSession.objects.exists()
    target = urlsplit(answer["Location"])
    assert answer["Location"].startswith(f"{sso.issuer}/protocol/openid-connect/logout?")
    query = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert query["post_logout_redirect_uri"] == "http://127.0.0.1:8000/accounts/login/"
    back = sso.open(answer["Location"])
    assert (back.status_code, back.headers["Location"]) == (302, query["post_logout_redirect_uri"])
    assert {session["id"] for session in sso.sessions("kim")} == before


def test_signing_out_of_a_session_by_password_stays_here(sso, alice):
    client = Client()
    client.force_login(alice, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_a_logout_token_ends_the_session_it_names_once(sso, logout_tokens, captured_events):
    client, other = Client(), Client()
    sso.sign_in(client, "kim")
    sso.sign_in(other, "lee")
    key = client.cookies["parley"].value
    sso.log_out("kim")
    token = logout_tokens.get(timeout=20)
    with captured_events() as events:
        answer = Client().post(BACK, {"logout_token": token})
    assert (answer.status_code, answer.content) == (200, b"")
    assert "no-store" in answer["Cache-Control"]
    kim = User.objects.get(username="kim")
    assert ended(events) == [(kim.id, EndSessions(session=session_hash(key)))]
    assert who(client) is None
    assert who(other)["username"] == "lee"
    sso.sign_in(client, "kim")
    assert Client().post(BACK, {"logout_token": token}).status_code == 400
    assert who(client) is not None
    sso.log_out("kim")
    sso.log_out("lee")


def test_a_forged_logout_token_is_refused(sso, logout_tokens):
    client = Client()
    sso.sign_in(client, "kim")
    sso.log_out("kim")
    valid = logout_tokens.get(timeout=20)
    claims = jwt.decode(valid, options={"verify_signature": False})
    kid = jwt.get_unverified_header(valid)["kid"]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, body, signature = valid.split(".")
    forged = [
        jwt.encode(claims, key, "RS256", headers={"kid": kid}),
        jwt.encode(claims, "", "none"),
        jwt.encode(claims, "k" * 32, "HS256", headers={"kid": kid}),
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        f"{head}.{body}.",
        "not a token",
        "",
    ]
    for token in forged:
        answer = Client().post(BACK, {"logout_token": token})
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert Client().get(BACK, {"logout_token": valid}).status_code == 405
    assert who(client) is not None
    assert Client().post(BACK, {"logout_token": valid}).status_code == 200
    assert who(client) is None
