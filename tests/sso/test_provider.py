"""A provider that is slow or away takes neither our threads nor our database connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections
from django.test import Client

from apps.core.limits import SSO_LOGOUTS
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import cached, provider
from apps.sso.gateways.cached import Cached
from tests.sso.conftest import who

BACK = "/accounts/sso/backchannel-logout"


class Document:
    """What a test fetches: `fail` makes it unavailable, `wait` makes it slow."""

    def __init__(self) -> None:
        self.fetched = 0
        self.fail = False
        self.wait = Event()
        self.wait.set()
        self.begun = Event()

    def __call__(self) -> int:
        self.fetched += 1
        self.begun.set()
        self.wait.wait(10)
        if self.fail:
            raise ProviderUnavailable("away")
        return self.fetched


def test_a_failed_fetch_is_not_repeated_at_once(monkeypatch):
    document = Document()
    document.fail = True
    value = Cached(document)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="away"):
            value.get(max_age_s=60)
    assert document.fetched == 1
    monkeypatch.setattr(cached, "FAILURE_TTL_S", 0.0)
    document.fail = False
    assert value.get(max_age_s=60) == 2
    assert value.get(max_age_s=60) == 2


def test_an_old_document_stays_in_use_while_it_cannot_be_fetched():
    document = Document()
    value = Cached(document)
    assert value.get(max_age_s=60) == 1
    document.fail = True
    assert value.get(max_age_s=-1) == 1
    assert value.get(max_age_s=-1) == 1
    assert document.fetched == 2
    with pytest.raises(ProviderUnavailable):
        value.get(max_age_s=-1, stale_allowed=False)


def test_one_thread_fetches_and_the_others_use_the_old_document(monkeypatch):
    document = Document()
    value = Cached(document)
    value.get(max_age_s=60)
    document.begun.clear()
    document.wait.clear()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(value.get, max_age_s=-1)
        assert document.begun.wait(5)
        assert value.get(max_age_s=-1) == 1, "it does not wait"
        monkeypatch.setattr(cached, "WAIT_TIMEOUT_S", 0.05)
        with pytest.raises(ProviderUnavailable):
            value.get(max_age_s=-1, stale_allowed=False)
        monkeypatch.setattr(cached, "WAIT_TIMEOUT_S", 5.0)
        waiting = pool.submit(value.get, max_age_s=-1, stale_allowed=False)
        document.wait.set()
        assert slow.result() == 2
        # It waited for the same fetch, or came after it.
        assert waiting.result() in (2, 3)


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_the_provider_is_asked(idp):
    held = {}
    wrapper = connections["default"]  # of this thread; the provider runs in another one
    answer = idp.answer

    def watch(page):
        held[page.path.partition("?")[0]] = wrapper.connection is not None
        answer(page)

    idp.web.answer = watch
    wrapper.ensure_connection()
    idp.sign_in(client := Client())
    assert who(client) is not None
    idp.web.answer = answer
    assert set(held) == {"/.well-known/openid-configuration", "/token", "/keys", "/userinfo"}
    assert not any(held.values()), held


@pytest.mark.django_db
def test_requests_to_the_provider_are_bounded(idp, monkeypatch):
    monkeypatch.setattr(provider, "SLOT_TIMEOUT_S", 0.05)
    state = idp.begin(client := Client())["state"]
    for _ in range(provider.MAX_REQUESTS):
        assert provider._slots.acquire(timeout=1)
    try:
        assert idp.finish(client, state).status_code == 503
    finally:
        for _ in range(provider.MAX_REQUESTS):
            provider._slots.release()
    idp.sign_in(client)
    assert who(client) is not None


@pytest.mark.django_db
def test_known_keys_verify_tokens_while_the_provider_is_away(idp, monkeypatch):
    idp.sign_in(Client())
    monkeypatch.setattr(provider, "KEYS_TTL_S", -1.0)
    idp.web.answer = lambda page: page.say(b"", status=500)
    assert provider.key("first") is not None
    monkeypatch.setattr(provider, "MIN_KEYS_INTERVAL_S", -1.0)
    with pytest.raises(ProviderUnavailable):
        provider.key("unknown")


@pytest.mark.django_db
def test_logout_tokens_are_limited_by_address(idp, monkeypatch):
    limit = SSO_LOGOUTS._replace(name="sso-logouts-of-a-test", amount=2)
    monkeypatch.setattr("apps.sso.views.logout.SSO_LOGOUTS", limit)
    statuses = [
        Client(REMOTE_ADDR="198.51.100.7").post(BACK, {"logout_token": "none"}).status_code
        for _ in range(3)
    ]
    assert statuses == [400, 400, 429]


@pytest.mark.django_db
def test_what_a_token_says_of_itself_is_cut_for_the_log(idp, caplog):
    head = "eyJhbGciOiAi" + "QUFB" * 5000
    Client().post(BACK, {"logout_token": f"{head}.e30.x"})
    idp.claims = {"typ": "T" * 5000}
    idp.sign_in(Client())
    assert caplog.records
    assert max(len(record.getMessage()) for record in caplog.records) < 400
