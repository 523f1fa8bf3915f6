"""Apps sign in with tokens: obtaining, refreshing, revoking, and what is refused."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import app_tokens, device_uses
from apps.accounts.actions.registration import register
from apps.accounts.models import Session, User
from apps.accounts.queries.sessions import session_hash
from apps.accounts.tokens import AccessToken, Claims, sign
from apps.notifications.models import Subscription
from apps.wire.publish import EndSessions
from tests.support.apps import AGENT, ENDINGS, app_of, post, use_ticket
from tests.support.people import PASSWORD, signed_in
from tests.support.statements import traffic

KEY = django_settings.SIMPLE_JWT["SIGNING_KEY"]


@pytest.fixture
def account(db):
    return register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)


def credentials(**more):
    return {"username": "alice", "password": PASSWORD, **more}


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def later(monkeypatch, **by):
    """Move the clock of the refresh."""
    now = timezone.now() + timedelta(**by)
    monkeypatch.setattr(app_tokens.timezone, "now", lambda: now)


def assert_refused(response):
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"


# -- signing in ---------------------------------------------------------------------------------


def test_an_app_signs_in_reads_and_changes_without_a_cookie_or_a_csrf_token(account):
    response = post("tokens", credentials(device_name="Notes"), headers={"User-Agent": AGENT})
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    pair = response.json()
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 600)
    client = Client(enforce_csrf_checks=True)
    bearer = {"Authorization": f"Bearer {pair['access_token']}", "User-Agent": AGENT}
    me = client.get("/api/v1/me", headers=bearer)
    assert me.json()["username"] == "alice"
    change = {"version": me.json()["version"], "name": "Alice"}
    changed = client.patch("/api/v1/me", change, content_type="application/json", headers=bearer)
    assert changed.status_code == 200
    [device] = client.get("/api/v1/devices", headers=bearer).json()["items"]
    assert (device["id"], device["name"], device["kind"]) == (pair["device"], "Notes", "app")
    assert device["current"] is True


def test_the_last_use_of_an_app_is_recorded(alice):
    device_uses.forget()
    app = app_of(alice)
    app.request("GET", "me", REMOTE_ADDR="198.51.100.3")
    row = Session.objects.get(device_id=app.device)
    assert (row.agent, row.address) == (AGENT, "198.51.100.3")


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"username": "nobody"}, {"username": "x", "password": "y"}]
)
def test_wrong_credentials_get_no_tokens(account, wrong):
    assert_refused(post("tokens", credentials(**wrong)))
    assert not Session.objects.exists()


def test_the_limits_are_those_of_the_sign_in_page(account):
    for _ in range(5):
        page = {"login": "alice", "password": "wrong"}
        Client(REMOTE_ADDR="198.51.100.9").post("/accounts/login/", page)
    response = post("tokens", credentials(), REMOTE_ADDR="198.51.100.9")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_a_closed_account_gets_no_tokens(account):
    User.objects.update(is_active=False)
    assert_refused(post("tokens", credentials()))
    assert not Session.objects.exists()


def test_without_local_accounts_no_tokens_are_given_and_those_that_were_end(account, settings):
    app = app_of(account)
    settings.LOCAL_ACCOUNTS = False
    assert post("tokens", credentials()).status_code == 404
    assert_refused(app.request("GET", "me"))
    assert_refused(app.refresh())


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["tokens", "tokens/refresh", "tokens/revoke"])
def test_content_types_that_other_sites_can_send_are_refused(account, path, kind):
    assert Client().post(f"/api/v1/{path}", "{}", content_type=kind).status_code == 415


def test_the_least_recently_used_app_makes_room(alice, monkeypatch):
    monkeypatch.setattr(app_tokens, "MAX_APPS", 2)
    browser = signed_in(alice)
    first, second = app_of(alice), app_of(alice)
    Session.objects.filter(device_id=second.device).update(used_at="2020-01-01T00:00:00Z")
    third = app_of(alice)
    assert [app.status for app in (first, second, third)] == [200, 401, 200]
    assert browser.get("/api/v1/me").status_code == 200


# -- refreshing ---------------------------------------------------------------------------------


def test_refreshing_gives_new_tokens_of_the_same_device(alice):
    app = app_of(alice)
    before = app.refresh_token
    response = app.refresh()
    assert response["Cache-Control"] == "no-store"
    assert (response.json()["device"], app.status) == (str(app.device), 200)
    assert app.refresh_token != before
    assert Session.objects.count() == 1


def test_a_refresh_token_that_was_used_twice_ends_the_device(alice, captured_events, caplog):
    app, other = app_of(alice), app_of(alice)
    stolen = app.refresh_token
    for _ in range(2):
        app.refresh()
    with captured_events() as events:
        assert_refused(app.refresh(stolen))
    key = f"app:{app.device.hex}"
    assert [item.effect for item in events] == [EndSessions(session=session_hash(key))]
    assert (app.status, other.status) == (401, 200)
    assert_refused(app.refresh())
    assert "was used twice" in caplog.text
    assert stolen not in caplog.text


def test_the_token_before_ends_the_device_once_its_successor_was_used(alice, monkeypatch):
    app = app_of(alice)
    stolen = app.refresh_token
    app.refresh()
    assert app.status == 200
    later(monkeypatch, seconds=app_tokens.OVERLAP.total_seconds() + 1)
    assert_refused(app.refresh(stolen))
    assert app.status == 401


def test_a_response_that_got_lost_can_be_asked_for_again_at_any_time(alice, monkeypatch):
    app = app_of(alice)
    before = app.refresh_token
    lost = app.refresh()
    later(monkeypatch, days=3)
    # The access token from before the refresh tells nothing: it is what the app still has.
    again = app.refresh(before)
    assert again.status_code == 200
    assert (
        claims_of(again.json()["refresh_token"])["refresh"]
        == (claims_of(lost.json()["refresh_token"])["refresh"])
    )
    assert app.status == 200
    assert app.refresh().status_code == 200


def test_two_requests_that_overlap_get_the_same_successor(alice):
    app = app_of(alice)
    before = app.refresh_token
    first = app.refresh().json()
    assert app.status == 200, "the first response is in use"
    second = app.refresh(before).json()
    assert (
        claims_of(first["refresh_token"])["refresh"]
        == (claims_of(second["refresh_token"])["refresh"])
    )
    assert app.refresh(first["refresh_token"]).status_code == 200


def test_a_device_that_refreshes_stays_and_one_that_does_not_expires(alice, monkeypatch):
    app, unused = app_of(alice), app_of(alice)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    app.refresh()
    row = Session.objects.get(device_id=app.device)
    assert row.expire_date > timezone.now() + timedelta(days=59)
    Session.objects.filter(device_id=unused.device).update(expire_date=timezone.now())
    assert_refused(unused.refresh())
    assert unused.status == 401


def test_an_app_that_refreshes_without_pause_is_refused_for_a_while(alice, monkeypatch):
    monkeypatch.setattr(
        app_tokens, "REFRESHES", app_tokens.REFRESHES._replace(name="few-refreshes", amount=3)
    )
    app, other = app_of(alice), app_of(alice)
    assert [app.refresh().status_code for _ in range(4)] == [200] * 3 + [429]
    assert other.refresh().status_code == 200


# -- signing out --------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_device_that_ended_is_refused_at_once_with_all_its_tokens(
    alice, bob, ending, captured_events
):
    app, other = app_of(alice), app_of(bob)
    Subscription.objects.create(
        user=alice, session_id=f"app:{app.device.hex}", endpoint="x", host="x", keys={}
    )
    assert app.status == 200
    with captured_events() as events:
        ending(app, alice)
    assert_refused(app.request("GET", "me"))
    assert_refused(app.refresh())
    assert_refused(app.request("POST", "tickets"))
    assert other.status == 200
    assert not Subscription.objects.exists()
    ended = {item.effect.session for item in events if isinstance(item.effect, EndSessions)}
    assert ended & {None, session_hash(f"app:{app.device.hex}")}


def test_a_session_that_was_left_signs_nobody_in_to_a_closed_account(alice):
    app = app_of(alice)
    ticket = app.request("POST", "tickets").json()["ticket"]
    User.objects.update(is_active=False)
    assert_refused(app.request("GET", "me"))
    assert_refused(app.refresh())
    assert use_ticket(ticket) is None
    assert Session.objects.exists()


def test_an_unknown_token_is_revoked_in_silence(alice):
    app = app_of(alice)
    former = app.refresh_token
    for _ in range(2):
        app.refresh()
    for token in ("x", app.access, former):
        assert post("tokens/revoke", {"refresh_token": token}).status_code == 204
    assert app.status == 200


# -- tokens that are not to be believed -----------------------------------------------------------


def ours(app, **changes):
    return claims_of(app.access) | changes


def hs256(payload, key=KEY, **more):
    return jwt.encode(payload, key, algorithm="HS256", **more)


def minutes(count):
    return int((datetime.now(UTC) + timedelta(minutes=count)).timestamp())


def _rsa():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _public(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


FORGED = {
    "another audience": lambda app: hs256(ours(app, aud="another")),
    "no audience": lambda app: hs256({k: v for k, v in ours(app).items() if k != "aud"}),
    "another issuer": lambda app: hs256(ours(app, iss="another")),
    "no issuer": lambda app: hs256({k: v for k, v in ours(app).items() if k != "iss"}),
    "expired": lambda app: hs256(ours(app, exp=minutes(-1))),
    "no expiry": lambda app: hs256({k: v for k, v in ours(app).items() if k != "exp"}),
    "not yet valid": lambda app: hs256(ours(app, nbf=minutes(5))),
    "no type": lambda app: hs256({k: v for k, v in ours(app).items() if k != "token_type"}),
    "a refresh token": lambda app: app.refresh_token,
    "alg none": lambda app: jwt.encode(ours(app), None, algorithm="none"),
    "another key": lambda app: hs256(ours(app), "k" * 64),
    "the secret key itself": lambda app: hs256(ours(app), django_settings.SECRET_KEY),
    "HS512 with our key": lambda app: jwt.encode(ours(app), KEY, algorithm="HS512"),
    "RS256": lambda app: jwt.encode(ours(app), _rsa(), algorithm="RS256"),
    "a key of its own header": lambda app: hs256(
        ours(app), "k" * 64, headers={"jwk": {"kty": "oct", "k": "a2s"}, "kid": "x"}
    ),
    "another person": lambda app: hs256(ours(app, sub=str(uuid4()))),
    "an unknown device": lambda app: hs256(ours(app, device=str(uuid4()))),
    "a device that is no id": lambda app: hs256(ours(app, device="app:' OR 1=1 --")),
    "a device that is a list": lambda app: hs256(ours(app, device=["x"])),
    "no device": lambda app: hs256({k: v for k, v in ours(app).items() if k != "device"}),
    "a changed payload": lambda app: app.access[:-60] + app.access[-59:],
    "nothing": lambda app: "",
    "two words": lambda app: f"{app.access} {app.access}",
    "something long": lambda app: "x" * 100_000,
    "no ASCII": lambda app: "é",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_access_token_is_refused(alice, how):
    app = app_of(alice)
    assert app.status == 200
    app.access = FORGED[how](app)
    assert_refused(app.request("GET", "me"))


def test_the_payload_of_those_forgeries_is_accepted_when_nothing_is_changed(alice):
    app = app_of(alice)
    app.access = hs256(ours(app))
    assert app.status == 200


def test_an_access_token_is_no_refresh_token(alice):
    app = app_of(alice)
    assert_refused(app.refresh(app.access))
    assert app.status == 200


def test_a_token_for_the_device_of_somebody_else_is_refused(alice, bob):
    app, victim = app_of(alice), app_of(bob)
    claims = Claims(alice.id, victim.device, uuid4())
    app.access = sign(AccessToken, claims)
    assert app.status == 401
    assert victim.status == 200


def test_a_token_for_the_session_of_a_browser_is_refused(alice):
    browser = signed_in(alice)
    row = Session.objects.get(session_key=browser.cookies["parley"].value)
    app = app_of(alice)
    app.access = sign(AccessToken, Claims(alice.id, row.device_id, uuid4()))
    assert app.status == 401


def test_the_key_of_an_app_is_no_cookie(alice):
    app = app_of(alice)
    client = Client()
    client.cookies["parley"] = f"app:{app.device.hex}"
    assert client.get("/api/v1/me").status_code == 401
    assert app.status == 200


def test_a_wrong_token_is_refused_though_the_cookie_is_good(alice):
    browser = signed_in(alice)
    assert_refused(browser.get("/api/v1/me", headers={"Authorization": "Bearer x"}))


def test_other_schemes_are_left_to_others(alice):
    browser = signed_in(alice)
    given = {"Authorization": "Basic YTpi"}
    assert browser.get("/api/v1/me", headers=given).status_code == 200


def test_a_token_signs_nobody_in_to_pages_or_the_admin(alice):
    User.objects.update(is_staff=True, is_superuser=True)
    app = app_of(alice)
    given = {"Authorization": f"Bearer {app.access}"}
    for path in ("/", "/settings/profile", "/admin/"):
        response = Client().get(path, headers=given)
        assert response.status_code == 302
        assert "login" in response["Location"]


def test_an_access_token_costs_one_query(alice):
    app = app_of(alice)
    assert app.status == 200  # confirms the tokens, and records the use
    with traffic() as sent:
        assert app.status == 200
    assert sent.statements == 2  # the session with its person; the profile
