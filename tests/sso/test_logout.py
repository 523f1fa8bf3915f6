"""Logouts, in both directions, with a real Keycloak."""

from queue import Queue
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.accounts.actions import accounts
from apps.accounts.models import Session, User
from apps.sso.models import ProviderSession
from apps.sso.tokens import LOGOUT_EVENT
from tests.sso.conftest import use_provider, who
from tests.support.web import Page, serving

BACK, FRONT = "/accounts/sso/backchannel-logout", "/accounts/sso/frontchannel-logout"


def ended(events):
    return [(item.to, item.effect) for item in events]


# -- signing out here -----------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["api", "next", "another sign-in"])
def test_every_sign_out_deletes_the_tokens_of_the_provider(idp, way):
    other = idp.begin(client := Client())
    idp.sign_in(client)
    before = ProviderSession.objects.get().id
    if way == "api":
        assert client.delete("/api/v1/session").status_code == 204
    elif way == "next":
        assert client.post("/accounts/logout/?next=/people")["Location"] == "/people"
    else:
        idp.claims = {"sid": "session-2"}
        idp.nonce = other["nonce"]
        idp.finish(client, other["state"])
    assert not ProviderSession.objects.filter(id=before).exists()


def test_a_long_id_token_is_no_part_of_the_address(idp):
    idp.claims = {"groups": ["g" * 40 for _ in range(100)]}
    idp.sign_in(client := Client())
    query = parse_qs(urlsplit(client.post("/accounts/logout/")["Location"]).query)
    assert set(query) == {"client_id", "post_logout_redirect_uri"}


# -- back channel ---------------------------------------------------------------------------------


@pytest.fixture
def logout_tokens(sso):
    """The logout tokens that Keycloak sends, as they come."""
    came = Queue()

    def answer(page: Page) -> None:
        came.put(parse_qs(page.body.decode())["logout_token"][0])
        page.say(b"")

    with serving(answer) as web:
        sso.send_logouts_to(f"{web.origin}/logout")
        yield came


def logout_claims(idp, **changed):
    return idp.all_claims(
        **{
            "nonce": None,
            "azp": None,
            "jti": "token-1",
            "events": {LOGOUT_EVENT: {}},
            "preferred_username": None,
            **changed,
        }
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1_700_000_000},
        {"iat": 4_000_000_000},
        {"events": None},
        {"events": {}},
        {"events": {LOGOUT_EVENT: True}},
        {"events": [LOGOUT_EVENT]},
        {"nonce": "an ID token has one"},
        {"jti": None},
        {"sub": None, "sid": None},
    ],
    ids=str,
)
def test_a_logout_token_with_a_wrong_claim_is_refused(idp, changed):
    client = Client()
    idp.sign_in(client)
    token = idp.sign(logout_claims(idp, **changed))
    assert client.post(BACK, {"logout_token": token}).status_code == 400
    assert who(client) is not None


def test_an_id_token_is_no_logout_token(idp):
    client = Client()
    idp.sign_in(client)
    assert client.post(BACK, {"logout_token": idp.sign(idp.all_claims())}).status_code == 400
    assert who(client) is not None


def test_a_logout_token_without_a_sid_ends_all_sessions_of_the_person(idp):
    clients = []
    for number in (1, 2):
        idp.claims = {"sid": f"session-{number}"}
        idp.sign_in(client := Client())
        clients.append(client)
    token = idp.sign(logout_claims(idp, sid=None, sub="subject-2"))
    assert Client().post(BACK, {"logout_token": token}).status_code == 200
    assert all(who(client) for client in clients)
    token = idp.sign(logout_claims(idp, sid="session-1", jti="token-2"))
    assert Client().post(BACK, {"logout_token": token}).status_code == 200
    assert [bool(who(client)) for client in clients] == [False, True]
    token = idp.sign(logout_claims(idp, sid=None, jti="token-3"))
    assert Client().post(BACK, {"logout_token": token}).status_code == 200
    assert not any(who(client) for client in clients)


def test_a_logout_token_that_cannot_be_checked_may_come_again(idp, settings):
    client = Client()
    idp.sign_in(client)
    token = idp.sign(logout_claims(idp))
    use_provider(settings, "http://127.0.0.1:1")
    assert client.post(BACK, {"logout_token": token}).status_code == 503
    use_provider(settings, idp.issuer)
    assert client.post(BACK, {"logout_token": token}).status_code == 200
    assert who(client) is None


# -- front channel --------------------------------------------------------------------------------


def test_front_channel_logout_is_off_by_default(idp):
    idp.sign_in(client := Client())
    query = {"iss": idp.issuer, "sid": "session-1"}
    assert Client().get(FRONT, query).status_code == 404
    assert who(client) is not None


def test_a_front_channel_logout_ends_the_session_it_names(idp, settings):
    settings.OIDC_FRONT_CHANNEL_LOGOUT = True
    client = Client()
    idp.sign_in(client)
    frame = Client()
    for query in (
        {"iss": "https://evil.example", "sid": "session-1"},
        {"iss": idp.issuer},
        {"sid": "session-1"},
    ):
        assert frame.get(FRONT, query).status_code == 400
    assert frame.get(FRONT, {"iss": idp.issuer, "sid": "another"}).status_code == 200
    assert who(client) is not None
    answer = frame.get(FRONT, {"iss": idp.issuer, "sid": "session-1"})
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer
    assert f"frame-ancestors {idp.issuer}" in answer["Content-Security-Policy"]
    assert who(client) is None


# -- what else ends sessions ----------------------------------------------------------------------


def test_closing_the_account_deletes_the_tokens_of_the_provider(idp):
    client = Client()
    idp.sign_in(client)
    stored = ProviderSession.objects.get()
    assert b"ey" not in bytes(stored.id_token)[:4], "the token is encrypted"
    accounts.deactivate(User.objects.get().id)
    assert who(client) is None
    assert not ProviderSession.objects.exists()
    assert not Session.objects.filter(origin=stored.id).exists()
