"""ID tokens that must not be believed, and flows that must not be finished twice."""

import base64
import hmac
import json
import time
from hashlib import sha256
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from apps.accounts.models import User
from apps.sso import flow
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from tests.sso.conftest import who
from tests.sso.stand_in import StandIn, stand_in
from tests.support.people import person
from tests.support.redirects import OTHER_SITES


def is_refused(idp: StandIn, status: int = 400) -> bool:
    """Whether a sign-in signs nobody in, with the page that says so, and creates no account."""
    client = Client()
    answer = idp.sign_in(client)
    assert answer.status_code == status, answer.content.decode()
    assert "<h1>" in answer.content.decode()
    return who(client) is None and not User.objects.exists()


def test_the_valid_token_signs_in(idp):
    client = Client()
    assert idp.sign_in(client).status_code == 302
    assert who(client)["username"] == "kim"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"aud": ["another-client"], "azp": "another-client"},
        {"aud": ["parley", "another-client"], "azp": "another-client"},
        {"aud": ["parley", "another-client"], "azp": None},
        {"aud": None},
        {"iss": "https://evil.example/realms/parley"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"typ": "Bearer"},
        {"typ": "Logout"},
    ],
    ids=lambda claims: ", ".join(claims),
)
def test_a_token_with_a_wrong_claim_is_refused(idp, changed):
    idp.claims = changed
    assert is_refused(idp)


def unsigned(claims: dict[str, object], algorithm: str, key: bytes = b"") -> str:
    """A token made by hand: PyJWT refuses to sign with a public key."""

    def coded(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    header = {"alg": algorithm, "kid": "first", "typ": "JWT"}
    text = b".".join(coded(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.digest(key, text, sha256) if key else b""
    return (text + b"." + coded(signature)).decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "RS512"])
def test_a_token_cannot_choose_its_algorithm(idp, algorithm):
    client = Client()
    state = idp.begin(client)["state"]
    public = idp.keys["first"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = idp.all_claims()
    if algorithm == "RS512":
        idp.id_token = jwt.encode(claims, idp.keys["first"], "RS512", headers={"kid": "first"})
    else:
        idp.id_token = unsigned(claims, algorithm, pem if algorithm == "HS256" else b"")
    assert idp.finish(client, state).status_code == 400
    assert who(client) is None


def test_a_token_of_a_key_that_is_not_published_is_refused(idp):
    client = Client()
    state = idp.begin(client)["state"]
    with stand_in() as other:
        idp.id_token = other.sign(idp.all_claims())
    assert idp.finish(client, state).status_code == 400
    assert who(client) is None


def test_the_userinfo_of_another_person_is_refused(idp):
    idp.userinfo = {"sub": "subject-2"}
    assert is_refused(idp)


def test_a_new_key_is_fetched_at_once_and_unknown_ones_seldom(idp, monkeypatch):
    assert idp.sign_in(Client()).status_code == 302
    idp.add_key("second")
    idp.kid = "second"
    with monkeypatch.context() as later:
        later.setattr(provider, "MIN_KEYS_INTERVAL_S", 0.0)
        assert idp.sign_in(Client()).status_code == 302
    assert idp.requests("/keys") == 2
    idp.kid = "first"
    for _ in range(3):
        client = Client()
        state = idp.begin(client)["state"]
        idp.id_token = idp.sign(idp.all_claims(), kid_shown="unknown")
        assert idp.finish(client, state).status_code == 400
    assert idp.requests("/keys") == 2


def test_discovery_of_another_issuer_is_refused(idp, settings):
    settings.OIDC_ISSUER = f"{idp.issuer}/"
    assert Client().get("/accounts/sso/login").status_code == 503


def test_the_request_has_pkce_a_state_and_a_nonce(idp):
    first, second = idp.begin(Client()), idp.begin(Client())
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    assert first["scope"] == "openid profile email"
    assert first["redirect_uri"] == "http://127.0.0.1:8000/accounts/sso/callback"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


def test_a_state_works_once(idp):
    client = Client()
    state = idp.begin(client)["state"]
    assert idp.finish(client, state).status_code == 302
    again = idp.finish(client, state)
    assert again.status_code == 400
    assert "This sign-in has expired" in again.content.decode()


def test_a_state_is_spent_by_a_failure_too(idp):
    client = Client()
    state = idp.begin(client)["state"]
    idp.claims = {"nonce": "another"}
    assert idp.finish(client, state).status_code == 400
    idp.claims = {}
    assert idp.finish(client, state).status_code == 400
    assert who(client) is None


def test_a_state_of_another_browser_is_refused(idp):
    mine, theirs = Client(), Client()
    idp.begin(theirs)
    assert idp.finish(theirs, idp.begin(mine)["state"]).status_code == 400
    assert who(theirs) is None


def test_a_nonce_of_another_sign_in_is_refused(idp):
    client = Client()
    first = idp.begin(client)
    replayed = idp.sign(idp.all_claims())
    second = idp.begin(client)
    assert first["nonce"] != second["nonce"]
    idp.id_token = replayed
    assert idp.finish(client, second["state"]).status_code == 400
    assert who(client) is None


def test_a_response_of_another_issuer_is_refused(idp):
    client = Client()
    state = idp.begin(client)["state"]
    query = {"state": state, "code": "a-code", "iss": "https://evil.example"}
    assert client.get("/accounts/sso/callback", query).status_code == 400
    assert who(client) is None


@pytest.mark.parametrize(
    ("public_url", "host", "leads"),
    [
        ("http://127.0.0.1:8000", "localhost:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "127.0.0.1:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", ""),
        # Behind a proxy that passes on its own name of this server.
        ("https://chat.example.org", "127.0.0.1:8000", ""),
    ],
)
def test_a_sign_in_begins_under_the_name_to_which_the_provider_sends_back(
    idp, settings, public_url, host, leads
):
    settings.PUBLIC_URL = public_url
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    answer = Client(headers={"host": host}).get("/accounts/sso/login?next=/people")
    expected = f"{leads}/accounts/sso/login?next=%2Fpeople&moved=1" if leads else idp.issuer
    assert answer["Location"].startswith(expected)
    # Never in a circle: a proxy may pass on another name than the browser's.
    answer = Client(headers={"host": host}).get("/accounts/sso/login?moved=1")
    assert answer["Location"].startswith(idp.issuer)


def test_an_old_state_is_refused(idp):
    client = Client()
    state = idp.begin(client)["state"]
    session = client.session
    session[flow.STATES][state]["added_on"] -= flow.TTL_S + 1
    session.save()
    assert idp.finish(client, state).status_code == 400


def test_a_cancelled_sign_in_says_so_and_signs_nobody_out(idp):
    client = Client()
    state = idp.begin(client)["state"]
    idp.sign_in(client)
    answer = client.get("/accounts/sso/callback", {"state": state, "error": "access_denied"})
    assert answer.status_code == 403
    assert "You were not signed in" in answer.content.decode()
    assert who(client) is not None


@pytest.mark.parametrize("target", [*OTHER_SITES, "evil.example"])
def test_a_sign_in_never_redirects_to_another_site(idp, target):
    client = Client()
    path = f"/accounts/sso/login?{urlencode({'next': target})}"
    state = idp.begin(client, path)["state"]
    answer = idp.finish(client, state)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_look_alike_of_a_username_is_not_used(idp):
    person("kim")
    for number, (wish, stored) in enumerate(
        [
            ("кim", "person-"),  # a Cyrillic letter
            ("ｋｉｍ", "kim-2"),  # wide letters
            ("KIM@example.org", "kim-3"),
            ("k\u00ecm", "kim-4"),
            ("--", "person-"),
            ("", "person-"),
        ]
    ):
        client = Client()
        idp.claims = {"preferred_username": wish, "sub": f"subject-{number}"}
        idp.userinfo = {"sub": f"subject-{number}"}
        assert idp.sign_in(client).status_code == 302
        assert who(client)["username"].startswith(stored)


def test_without_a_provider_the_addresses_do_not_exist(client, db):
    for path in ("login", "callback", "link", "frontchannel-logout"):
        assert client.get(f"/accounts/sso/{path}").status_code in (302, 404)
    assert client.get("/accounts/sso/login").status_code == 404
    assert client.post("/accounts/sso/backchannel-logout").status_code == 404
    assert "/accounts/sso/" not in client.get("/accounts/login/").content.decode()


def test_plain_http_addresses_of_an_https_issuer_are_refused(settings, monkeypatch):
    settings.OIDC_ISSUER = "https://id.example/realm/"
    asked = []
    found = {name: "https://id.example/a" for name in provider.ENDPOINTS}
    found |= {"issuer": settings.OIDC_ISSUER, "end_session_endpoint": "https://id.example/b"}

    def respond(method, url):
        asked.append(url)
        return found

    monkeypatch.setattr(provider, "_json", respond)
    provider.forget()
    assert provider.discovery().logout == "https://id.example/b"
    assert asked == ["https://id.example/realm/.well-known/openid-configuration"]
    for name in ("token_endpoint", "end_session_endpoint"):
        provider.forget()
        plain = {**found, name: "http://id.example/a"}
        monkeypatch.setattr(provider, "_json", lambda method, url, plain=plain: plain)
        with pytest.raises(ProviderUnavailable, match=name):
            provider.discovery()
    provider.forget()
