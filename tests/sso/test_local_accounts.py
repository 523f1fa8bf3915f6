"""The sign-in page, and a server that signs people in with the provider only."""

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from tests.sso.conftest import who
from tests.support.people import PASSWORD

SIGN_IN = "/accounts/login/"


@pytest.fixture
def _provider_only(idp, settings):
    settings.LOCAL_ACCOUNTS = False
    settings.AUTHENTICATION_BACKENDS = ["apps.sso.backend.SsoBackend"]


def test_the_sign_in_page_offers_the_provider_first(idp, client, settings):
    settings.OIDC_NAME = "Our directory"
    page = client.get(f"{SIGN_IN}?next=/people").content.decode()
    button = page.index("Sign in with Our directory")
    assert button < page.index('name="password"')
    assert 'href="/accounts/sso/login?next=%2Fpeople"' in page
    assert page.count("autofocus") == 1


def test_the_sign_in_page_is_german_for_germans(idp, client):
    page = client.get(SIGN_IN, headers={"Accept-Language": "de"}).content.decode()
    assert "Mit Keycloak anmelden" in page


@pytest.mark.usefixtures("_provider_only")
def test_without_local_accounts_there_is_no_password_form(client):
    page = client.get(SIGN_IN).content.decode()
    assert "Sign in with Keycloak" in page
    assert 'name="password"' not in page
    assert "signup" not in page


@pytest.mark.usefixtures("_provider_only")
def test_without_local_accounts_nobody_signs_in_with_a_password(idp, client):
    register("bob", password=PASSWORD)
    assert client.post(SIGN_IN, {"login": "bob", "password": PASSWORD}).status_code == 404
    credentials = {"username": "bob", "password": PASSWORD}
    answer = client.post("/api/v1/session", credentials, content_type="application/json")
    assert answer.status_code == 404
    for path in ("signup", "password/reset", "password/change", "password/set", "reauthenticate"):
        assert client.get(f"/accounts/{path}/").status_code == 404
    assert client.get("/admin/password_change/").status_code == 404
    assert who(client) is None
    idp.sign_in(client)
    assert who(client)["username"] == "kim"


def test_sessions_that_began_with_a_password_end_when_it_is_switched_off(idp, settings):
    register("bob", password=PASSWORD)
    client = Client()
    client.post(SIGN_IN, {"login": "bob", "password": PASSWORD})
    assert who(client)["username"] == "bob"
    settings.AUTHENTICATION_BACKENDS = ["apps.sso.backend.SsoBackend"]
    assert who(client) is None
