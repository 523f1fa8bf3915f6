"""Apps sign in with an access token of Keycloak."""

from datetime import timedelta

import jwt
from allauth.account.models import EmailAddress
from django.db.models import F
from django.test import Client

from apps.accounts.actions import devices
from apps.accounts.models import User
from apps.sso.gateways import provider
from apps.sso.models import SignedOutSession
from tests.sso.test_exchange import app_by, assert_refused, exchange, sid_of
from tests.support.apps import app_with
from tests.support.keycloak import APP_CALLBACK, APP_CLIENT, CLIENT


def test_an_app_of_a_person_at_keycloak_signs_in(sso, settings):
    settings.LOCAL_ACCOUNTS = False
    tokens = sso.app_tokens("kim")
    response = exchange(tokens["access_token"], device_name="Phone")
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert not response.cookies
    app = app_with(response.json())
    me = app.request("GET", "me").json()
    assert (me["username"], me["name"]) == ("kim", "Kim Berg")
    assert (app.refresh().status_code, app.status) == (200, 200)
    [device] = app.request("GET", "devices").json()["items"]
    assert (device["id"], device["name"], device["kind"]) == (str(app.device), "Phone", "app")
    assert exchange(tokens["access_token"]).status_code == 401
    sso.log_out("kim")


def test_an_app_and_a_browser_of_one_person_have_the_same_account(sso):
    sso.sign_in(Client(), "kim")
    app = app_by(sso.app_tokens("kim")["access_token"])
    assert app.request("GET", "me").json()["id"] == str(User.objects.get().id)
    sso.log_out("kim")


def test_other_tokens_of_keycloak_are_refused(sso):
    tokens = sso.app_tokens("kim")
    for name in ("id_token", "refresh_token"):
        assert_refused(exchange(tokens[name]))
    assert not User.objects.exists()
    sso.log_out("kim")


def test_a_token_of_another_client_at_keycloak_is_refused(sso):
    if not sso.admin("GET", "clients", params={"clientId": "another-app"}):
        [ours] = sso.admin("GET", "clients", params={"clientId": APP_CLIENT})
        mappers = [{**each, "id": None} for each in ours["protocolMappers"]]
        more = {"publicClient": True, "redirectUris": [APP_CALLBACK], "protocolMappers": mappers}
        sso.admin("POST", "clients", json={"clientId": "another-app", **more})
    token = sso.app_tokens("kim", client="another-app")["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert CLIENT in claims["aud"], "only its azp is wrong"
    assert_refused(exchange(token))
    sso.log_out("kim")


def test_a_token_of_a_session_that_ended_at_keycloak_is_refused(sso):
    token = sso.app_tokens("kim")["access_token"]
    sso.log_out("kim")
    assert_refused(exchange(token))


def assert_refused_while_disabled(sso, name, token):
    sso.set_enabled(name, False)
    try:
        assert_refused(exchange(token))
    finally:
        sso.set_enabled(name, True)
    sso.log_out(name)


def test_a_person_who_is_disabled_at_keycloak_is_refused(sso):
    token = sso.app_tokens("lee")["access_token"]
    assert_refused_while_disabled(sso, "lee", token)


def test_introspection_at_keycloak_refuses_too(sso, monkeypatch):
    token = sso.app_tokens("lee")["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    monkeypatch.setattr(provider, "userinfo", lambda _: {"sub": claims["sub"]})
    assert_refused_while_disabled(sso, "lee", token)


def test_roles_at_keycloak_count_as_in_a_browser(sso, settings):
    settings.OIDC_STAFF_ROLE = "parley-staff"
    app_by(sso.app_tokens("sam")["access_token"])
    assert User.objects.get().is_staff
    sso.log_out("sam")


def test_the_email_of_an_account_here_leads_to_no_account(sso, alice):
    EmailAddress.objects.create(user=alice, email="kim@example.org", verified=True, primary=True)
    app = app_by(sso.app_tokens("mallory")["access_token"])
    me = app.request("GET", "me").json()
    assert me["id"] != str(alice.id)
    assert me["username"] == "mallory"
    sso.log_out("mallory")


def test_an_app_that_was_signed_out_here_needs_another_sign_in_at_keycloak(sso):
    browser = {}
    tokens = sso.app_tokens("kim", browser=browser)
    app = app_by(tokens["access_token"])
    devices.end(User.objects.get().id, app.device)
    assert app.status == 401
    assert_refused(exchange(sso.refreshed(tokens)["access_token"]), code="login_required")
    # `auth_time` counts in whole seconds, and this test is faster than a person.
    SignedOutSession.objects.update(at=F("at") - timedelta(seconds=2))
    later = sso.app_tokens("kim", browser=browser, prompt="login")
    assert sid_of(later) == sid_of(tokens), "the same session at Keycloak"
    assert app_by(later["access_token"]).status == 200
    sso.log_out("kim")
