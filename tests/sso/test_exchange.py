"""Apps sign in with an access token of the provider: what is accepted, what is refused, and what
ends the device."""

import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts, devices
from apps.accounts.models import Session, User
from apps.sso.actions import poll
from apps.sso.api import exchange as api
from apps.sso.gateways import provider
from apps.sso.models import ProviderSession, SignedOutSession, UsedToken
from apps.sso.tokens import LOGOUT_EVENT, MAX_ACCESS_TOKEN_AGE_S
from tests.sso.conftest import use_provider
from tests.sso.stand_in import stand_in
from tests.sso.test_tokens import unsigned
from tests.support.apps import app_with, post
from tests.support.keycloak import APP_CLIENT, CLIENT

BACK = "/accounts/sso/backchannel-logout"


def exchange(token, *, device_name="", **more):
    body = {"provider_token": token, "device_name": device_name}
    return post("tokens/exchange", body, **more)


def app_by(token):
    """The app that is signed in with a token of the provider."""
    response = exchange(token)
    assert response.status_code == 201, response.content
    return app_with(response.json())


def assert_refused(response, *, code="invalid_token"):
    """The response is a 401, and nothing is left of the attempt."""
    assert (response.status_code, response.json()["code"]) == (401, code), response.content
    assert response["WWW-Authenticate"] == "Bearer"
    assert not Session.objects.filter(session_key__startswith="app:").exists()
    assert not ProviderSession.objects.exists()


def sid_of(tokens):
    return jwt.decode(tokens["access_token"], options={"verify_signature": False})["sid"]


# -- forged and misused tokens --------------------------------------------------------------------


def test_the_valid_token_signs_in(idp):
    assert app_by(idp.access_token()).request("GET", "me").json()["username"] == "kim"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"aud": APP_CLIENT},
        {"aud": None},
        {"azp": "another-app"},
        {"azp": CLIENT},
        {"azp": None},
        {"iss": "https://evil.example/realms/parley"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) - MAX_ACCESS_TOKEN_AGE_S - 60},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sid": None},
        {"sid": ""},
        {"sid": "s" * 256},
        {"jti": None},
        {"typ": None},
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"typ": "Logout"},
        {"cnf": {"jkt": "a key"}},
    ],
    # Without the times, which are others in each process.
    ids=lambda changed: "-".join(changed),
)
def test_a_token_with_a_wrong_claim_is_refused(idp, changed):
    assert_refused(exchange(idp.access_token(**changed)))
    assert not User.objects.exists()


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS512"])
def test_a_token_cannot_choose_its_algorithm(idp, algorithm):
    key = idp.keys["first"]
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(idp.access_token(), options={"verify_signature": False})
    if algorithm == "RS512":
        token = jwt.encode(claims, key, "RS512", headers={"kid": "first"})
    else:
        token = unsigned(claims, algorithm, pem if algorithm == "HS256" else b"")
    assert_refused(exchange(token))


def test_a_token_of_a_key_that_is_not_published_is_refused(idp):
    with stand_in() as other:
        other.issuer = idp.issuer
        assert_refused(exchange(other.access_token()))
    for text in ("a", "a.b.c", urlsafe_b64encode(b"{}").decode() + "..", "\x00"):
        assert_refused(exchange(text))


def test_a_token_of_a_new_key_is_accepted(idp, monkeypatch):
    app_by(idp.access_token())
    monkeypatch.setattr(provider, "MIN_KEYS_INTERVAL_S", 0.0)
    idp.add_key("second")
    idp.kid = "second"
    app_by(idp.access_token())


def test_a_token_works_once(idp):
    token = idp.access_token()
    app = app_by(token)
    assert exchange(token).status_code == 401
    assert Session.objects.get().device_id == app.device
    assert ProviderSession.objects.count() == 1


def test_our_own_tokens_are_refused(idp):
    app = app_by(idp.access_token())
    for token in (app.access, app.refresh_token):
        assert exchange(token).status_code == 401
    assert Session.objects.get().device_id == app.device


@pytest.mark.parametrize("says", [{"sub": "subject-2"}, {"sub": None}], ids=str)
@pytest.mark.parametrize("where", ["userinfo", "introspection"])
def test_a_description_of_another_person_is_refused(idp, where, says):
    setattr(idp, where, says)
    assert_refused(exchange(idp.access_token()))


@pytest.mark.parametrize("active", [False, None, "true", 1])
def test_a_token_that_the_provider_no_longer_accepts_is_refused(idp, active):
    idp.introspection = {"active": active}
    token = idp.access_token()
    before = UsedToken.objects.count()
    assert_refused(exchange(token))
    assert UsedToken.objects.count() == before


def test_a_logout_during_the_exchange_is_not_lost(idp, monkeypatch):
    """The provider has said that the token is active, and then sends a logout token."""
    active = provider.introspect

    def then_log_out(token):
        described = active(token)
        logout = idp.sign(logout_claims(idp))
        assert Client().post(BACK, {"logout_token": logout}).status_code == 200
        return described

    monkeypatch.setattr(provider, "introspect", then_log_out)
    assert_refused(exchange(idp.access_token()))


def test_a_closed_account_is_refused(idp):
    app_by(idp.access_token())
    accounts.deactivate(User.objects.get().id)
    assert_refused(exchange(idp.access_token()), code="signed_out")


def test_a_provider_that_is_away_is_no_refusal(idp, settings):
    token = idp.access_token()
    use_provider(settings, "http://127.0.0.1:1")
    response = exchange(token)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response["Retry-After"] == "10"
    use_provider(settings, idp.issuer)
    assert app_by(token).status == 200


def test_a_provider_without_introspection_signs_no_app_in(idp, monkeypatch):
    known = provider.discovery()._replace(introspection="")
    monkeypatch.setattr(provider, "discovery", lambda: known)
    assert exchange(idp.access_token()).status_code == 503
    assert not ProviderSession.objects.exists()


@pytest.mark.parametrize("missing", ["OIDC_ISSUER", "OIDC_APP_CLIENTS"])
def test_without_clients_for_apps_nothing_can_be_exchanged(idp, settings, missing):
    setattr(settings, missing, type(getattr(settings, missing))())
    assert exchange(idp.access_token()).status_code == 404
    assert not User.objects.exists()


def test_the_limit_is_that_of_the_sign_in(idp, monkeypatch):
    monkeypatch.setattr(
        api, "SSO_SIGN_INS", api.SSO_SIGN_INS._replace(name="few-sign-ins", amount=2)
    )
    tries = [exchange("forged", REMOTE_ADDR="198.51.100.77").status_code for _ in range(3)]
    assert tries == [401, 401, 429]
    assert exchange("forged", REMOTE_ADDR="198.51.100.78").status_code == 401


# -- how the device ends --------------------------------------------------------------------------


def logout_claims(idp, **changed):
    return idp.all_claims(
        **{
            "aud": APP_CLIENT,
            "nonce": None,
            "azp": None,
            "jti": str(uuid4()),
            "events": {LOGOUT_EVENT: {}},
            **changed,
        }
    )


def test_a_logout_token_ends_the_apps_of_that_session_only(idp):
    first, second = (app_by(idp.access_token(sid=sid)) for sid in ("session-1", "session-2"))
    assert Client().post(BACK, {"logout_token": idp.sign(logout_claims(idp))}).status_code == 200
    assert (first.status, first.refresh().status_code, second.status) == (401, 401, 200)


def test_a_logout_token_for_a_foreign_client_ends_nothing(idp):
    app = app_by(idp.access_token())
    token = idp.sign(logout_claims(idp, aud="another-app"))
    assert Client().post(BACK, {"logout_token": token}).status_code == 400
    assert app.status == 200


def test_the_device_ends_after_some_days_however_often_it_refreshes(idp, settings, monkeypatch):
    settings.OIDC_APP_DAYS = 7
    app = app_by(idp.access_token())
    began = timezone.now()

    def after(**by):
        monkeypatch.setattr("django.utils.timezone.now", lambda: began + timedelta(**by))

    after(days=6, hours=23)
    assert app.refresh().status_code == 200
    assert Session.objects.get().expire_date <= began + timedelta(days=7)
    after(days=7)
    assert (app.refresh().status_code, app.status) == (401, 401)


def test_the_poll_leaves_apps_alone(idp):
    app = app_by(idp.access_token())
    ProviderSession.objects.update(
        next_check_at=timezone.now() - timedelta(days=1),
        created_at=timezone.now() - timedelta(days=1),
    )
    idp.refusal = (400, {"error": "invalid_grant"})
    poll.check_due()
    poll.clear()
    assert (app.status, idp.requests("/token")) == (200, 0)


def test_an_app_stays_signed_out_until_the_person_signs_in_at_the_provider(idp):
    app = app_by(idp.access_token())
    other = app_by(idp.access_token(sid="session-2"))
    user = User.objects.get()
    devices.end(user.id, app.device)
    now = int(time.time())
    for signed_in in (None, now - 60, str(now + 60)):
        response = exchange(idp.access_token(auth_time=signed_in))
        assert (response.status_code, response.json()["code"]) == (401, "login_required")
    assert Session.objects.filter(user=user).count() == 1
    assert app_by(idp.access_token(auth_time=now + 2)).status == 200
    assert app_by(idp.access_token(sid="session-2")).status == other.status == 200


@pytest.mark.parametrize("way", ["everything", "password", "reuse", "itself"])
def test_every_sign_out_of_an_app_is_remembered(idp, way):
    app = app_by(idp.access_token())
    user = User.objects.get()
    if way == "everything":
        devices.end_all(user.id)
    elif way == "password":
        accounts.set_password(user, "another horse battery")
    elif way == "reuse":
        stolen = app.refresh_token
        assert [app.refresh(each).status_code for each in ("", "", stolen)] == [200, 200, 401]
    else:
        assert app.request("DELETE", "session").status_code == 204
    assert_refused(exchange(idp.access_token()), code="login_required")


def test_a_browser_that_signs_out_signs_no_app_out(idp):
    client = Client()
    idp.sign_in(client)
    client.post("/accounts/logout/")
    assert not SignedOutSession.objects.exists()
    assert app_by(idp.access_token()).status == 200


def test_old_sign_outs_are_forgotten(idp):
    app = app_by(idp.access_token())
    devices.end(User.objects.get().id, app.device)
    poll.clear()
    assert SignedOutSession.objects.count() == 1
    SignedOutSession.objects.update(at=timezone.now() - poll.SIGNED_OUT_TTL)
    poll.clear()
    assert not SignedOutSession.objects.exists()
