"""Sessions that Keycloak ends without a word, and outages of Keycloak."""

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Session
from apps.sso.actions import poll
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from apps.sso.models import ProviderSession, UsedToken
from apps.sso.sealing import seal, unseal
from apps.sso.tasks import check_sessions, clear_sessions
from tests.sso.conftest import PASSWORD_BACKEND, who
from tests.support.apps import app_with, post

LONG_AGO = "2020-01-01T00:00:00Z"


def app_at(sso, username):
    """An app that the person signed in at Keycloak."""
    token = sso.app_tokens(username)["access_token"]
    return app_with(post("tokens/exchange", {"provider_token": token}).json())


def make_due():
    """Pretend that the interval is over."""
    ProviderSession.objects.update(next_check_at=LONG_AGO)


@pytest.mark.parametrize(
    "refusal",
    [
        (500, {}),
        (503, {"error": "temporarily_unavailable"}),
        (404, {"error": "Realm does not exist"}),
        (401, {"error": "invalid_client"}),
        (400, {"error": "unauthorized_client"}),
        (400, {"error": "invalid_request"}),
        (429, {"error": "slow_down"}),
        (200, {"not": "tokens"}),
    ],
    ids=str,
)
def test_a_fault_of_the_provider_ends_no_session(idp, refusal):
    client = Client()
    idp.sign_in(client)
    make_due()
    idp.refusal = refusal
    check_sessions()
    assert who(client) is not None


def test_only_an_invalid_grant_ends_a_session(idp):
    client = Client()
    idp.sign_in(client)
    make_due()
    idp.refusal = (400, {"error": "invalid_grant", "error_description": "Session not active"})
    check_sessions()
    assert who(client) is None
    assert not ProviderSession.objects.exists()


def test_a_rotated_refresh_token_is_stored(idp):
    idp.sign_in(Client())
    make_due()
    idp.refusal = (200, {"access_token": "a", "refresh_token": "rotated"})
    check_sessions()
    assert unseal(ProviderSession.objects.get().refresh_token) == "rotated"


def test_a_pass_is_bounded_and_stops_at_an_outage(idp, monkeypatch):
    monkeypatch.setattr(poll, "BATCH", 1)
    monkeypatch.setattr(poll, "MAX_BATCHES", 2)
    for _ in range(3):
        idp.sign_in(Client())
    before = idp.requests("/token")
    make_due()
    check_sessions()
    assert idp.requests("/token") == before + 2
    make_due()
    idp.refusal = (500, {})
    check_sessions()
    assert idp.requests("/token") == before + 3


def test_tokens_that_nothing_needs_are_deleted(idp):
    for _ in range(2):
        idp.sign_in(client := Client())
    Session.objects.exclude(session_key=client.cookies["parley"].value).delete()
    clear_sessions()
    assert ProviderSession.objects.count() == 2, "a sign-in may be on its way"
    ProviderSession.objects.update(created_at=LONG_AGO)
    UsedToken.objects.create(digest="old", expires_at="2020-01-01T00:00:00Z")
    clear_sessions()
    assert ProviderSession.objects.count() == 1
    assert who(client) is not None
    assert not UsedToken.objects.exists()


def test_a_session_that_always_fails_does_not_stall_the_others(idp, monkeypatch):
    """The provider responds to one refresh token with an error of its own."""
    monkeypatch.setattr(poll, "BATCH", 5)
    clients = [Client() for _ in range(5)]
    for client in clients:
        idp.sign_in(client)
    first = ProviderSession.objects.order_by("created_at").first()
    first.refresh_token = seal("poison")
    first.save()
    ask = provider.refresh

    def refresh(token):
        if token == "poison":
            raise ProviderUnavailable("500")
        return ask(token)

    monkeypatch.setattr(provider, "refresh", refresh)
    make_due()
    check_sessions()
    assert not ProviderSession.objects.filter(next_check_at__lt=timezone.now()).exists()
    first.refresh_from_db()
    assert (first.failures, first.claimed_at) == (1, None)
    soon = first.next_check_at
    make_due()
    check_sessions()
    first.refresh_from_db()
    assert first.failures == 2
    assert first.next_check_at > soon + timezone.timedelta(seconds=60)
    assert all(who(client) for client in clients)
    monkeypatch.setattr(provider, "refresh", ask)
    make_due()
    check_sessions()
    first.refresh_from_db()
    assert first.failures == 0


def test_a_token_that_cannot_be_decrypted_ends_the_session_without_a_request(idp):
    idp.sign_in(client := Client())
    ProviderSession.objects.update(refresh_token=b"sealed with another key")
    before = idp.requests("/token")
    make_due()
    check_sessions()
    assert idp.requests("/token") == before
    assert who(client) is None
    assert not ProviderSession.objects.exists()


def test_no_request_begins_after_the_deadline(idp, monkeypatch):
    monkeypatch.setattr(poll, "MAX_RUN_S", -1.0)
    idp.sign_in(client := Client())
    before = idp.requests("/token")
    make_due()
    check_sessions()
    assert idp.requests("/token") == before
    row = ProviderSession.objects.get()
    assert (row.claimed_at, row.next_check_at.year) == (None, 2020), "it stays due"
    assert who(client) is not None


def test_a_worker_that_lost_its_claim_ends_no_session(idp, monkeypatch):
    """Another worker has refreshed the session since, so this one's token is spent."""
    idp.sign_in(client := Client())

    def refresh(token):
        ProviderSession.objects.update(attempt=F("attempt") + 1)
        raise provider.Ended("Token is not active")

    monkeypatch.setattr(poll, "ThreadPoolExecutor", Inline)
    monkeypatch.setattr(provider, "refresh", refresh)
    make_due()
    check_sessions()
    assert who(client) is not None
    assert ProviderSession.objects.exists()


class Inline:
    """A pool without threads, whose work sees the transaction of the test."""

    def __init__(self, *_, **__):
        """Takes what the real one takes."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End."""

    map = staticmethod(map)


def test_sessions_of_a_former_provider_end(idp, settings, captured_events):
    idp.sign_in(client := Client())
    settings.OIDC_ISSUER = "https://another.example"
    with captured_events() as events:
        clear_sessions()
    assert len(events) == 1
    assert who(client) is None
    assert not ProviderSession.objects.exists()


def test_without_a_provider_its_sessions_end(idp, settings):
    idp.sign_in(client := Client())
    settings.OIDC_ISSUER = ""
    settings.AUTHENTICATION_BACKENDS = [PASSWORD_BACKEND]
    assert who(client) is None
    clear_sessions()
    assert not Session.objects.exclude(origin=None).exists()


def test_a_web_session_without_its_row_ends(idp, captured_events):
    """A request that ran during a logout has stored its session again."""
    idp.sign_in(client := Client())
    idp.sign_in(other := Client())
    origin = Session.objects.get(session_key=client.cookies["parley"].value).origin
    ProviderSession.objects.filter(id=origin).delete()
    with captured_events() as events:
        clear_sessions()
    assert len(events) == 1
    assert who(client) is None
    assert who(other) is not None
