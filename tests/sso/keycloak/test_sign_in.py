"""Signing in with a real Keycloak, without a browser: accounts, names, e-mails, roles."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client, RequestFactory

from apps.accounts.actions import accounts
from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.sso import flow
from apps.sso.errors import Reason, SignInFailed
from apps.sso.models import Identity
from tests.sso.conftest import who
from tests.support.keycloak import TIMEOUT_S
from tests.support.people import PASSWORD


def test_the_first_sign_in_creates_an_account(sso):
    client = Client()
    answer = sso.sign_in(client, "kim", path="/accounts/sso/login?next=/people")
    assert (answer.status_code, answer["Location"]) == (302, "/people")
    me = who(client)
    assert (me["username"], me["name"], me["email"]) == ("kim", "Kim Berg", "kim@example.org")
    user = User.objects.get()
    assert not user.has_usable_password()
    identity = Identity.objects.get()
    assert (identity.issuer, identity.subject) == (sso.issuer, sso.person("kim")["id"])
    assert EmailAddress.objects.get().verified


def test_the_next_sign_in_finds_the_account(sso):
    sso.sign_in(Client(), "kim")
    User.objects.update(username="renamed", name="Renamed")
    client = Client()
    sso.sign_in(client, "kim")
    assert who(client)["username"] == "renamed"
    assert who(client)["name"] == "Renamed"
    assert User.objects.count() == 1


def test_a_person_with_the_email_and_username_of_an_account_gets_another_one(sso):
    """Both are the victim's, and the provider even says that the e-mail is confirmed."""
    victim = register("mallory", password=PASSWORD, email="kim@example.org", confirmed=True)
    client = Client()
    sso.sign_in(client, "mallory")
    me = who(client)
    assert me["id"] != str(victim.id)
    assert (me["username"], me["email"]) == ("mallory-2", "")
    victim.refresh_from_db()
    assert victim.email == "kim@example.org"
    # Nor does a second person at the provider with that e-mail reach the first one's account.
    sso.sign_in(client := Client(), "kim")
    assert (who(client)["username"], who(client)["email"]) == ("kim", "")
    assert User.objects.count() == 3


def test_an_unconfirmed_email_is_not_stored(sso):
    client = Client()
    sso.sign_in(client, "lee")
    assert who(client)["email"] == ""
    assert not EmailAddress.objects.exists()


def test_a_closed_account_cannot_sign_in_and_sees_why(sso):
    sso.sign_in(Client(), "kim")
    accounts.deactivate(User.objects.get().id)
    client = Client()
    answer = sso.sign_in(client, "kim")
    assert answer.status_code == 403
    assert "This account is closed" in answer.content.decode()
    assert who(client) is None


def test_roles_follow_the_token_at_each_sign_in(sso, settings):
    settings.OIDC_STAFF_ROLE, settings.OIDC_MODERATOR_ROLE = "parley-staff", "parley-moderator"
    sso.sign_in(Client(), "sam")
    user = User.objects.get()
    assert user.is_staff
    assert not user.is_superuser
    assert user.groups.filter(name="moderators").exists()
    settings.OIDC_STAFF_ROLE, settings.OIDC_MODERATOR_ROLE = "another", "another"
    sso.sign_in(Client(), "sam")
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.groups.exists()


def test_roles_that_are_not_configured_change_nothing(sso):
    sso.sign_in(Client(), "sam")
    assert not User.objects.get().is_staff
    User.objects.update(is_staff=True)
    sso.sign_in(Client(), "sam")
    assert User.objects.get().is_staff


def test_the_name_follows_where_the_operator_wants_it(sso, settings):
    sso.sign_in(Client(), "kim")
    User.objects.update(name="Old")
    settings.OIDC_PROFILE_FOLLOWS = True
    client = Client()
    sso.sign_in(client, "kim")
    assert who(client)["name"] == "Kim Berg"


def test_a_sign_in_ends_the_session_that_the_browser_had(sso, alice):
    client = Client()
    as_kim, as_lee = (sso.callback(client, name) for name in ("kim", "lee"))
    client.get(as_kim)
    assert who(client)["username"] == "kim"
    before = client.cookies["parley"].value
    client.get(as_lee)
    assert who(client)["username"] == "lee"
    assert client.cookies["parley"].value != before
    stale = Client()
    stale.cookies["parley"] = before
    assert who(stale) is None


def test_a_code_works_once(sso):
    victim, thief = Client(), Client()
    callback = sso.callback(victim, "kim")
    assert victim.get(callback).status_code == 302
    code = parse_qs(urlsplit(callback).query)["code"][0]
    begun = thief.get("/accounts/sso/login")["Location"]
    state = parse_qs(urlsplit(begun).query)["state"][0]
    answer = thief.get("/accounts/sso/callback", {"state": state, "code": code})
    assert answer.status_code == 400
    assert who(thief) is None


def test_keycloaks_page_is_in_the_language_of_ours(sso):
    begun = Client(headers={"Accept-Language": "de"}).get("/accounts/sso/login")["Location"]
    page = httpx.get(begun, trust_env=False, timeout=TIMEOUT_S).text
    assert 'lang="de"' in page
    assert "Anmelden" in page


def test_a_signed_in_person_goes_on_without_a_new_sign_in(sso):
    sso.sign_in(client := Client(), "kim")
    before = client.cookies["parley"].value
    for path, target in (("/people", "/people"), ("//evil.example", "/")):
        answer = client.get("/accounts/sso/login", {"next": path})
        assert (answer.status_code, answer["Location"]) == (302, target)
    assert client.cookies["parley"].value == before
    assert not client.session.get("oidc_states")


def test_a_sign_in_that_was_left_does_not_shorten_one_with_a_password(sso):
    register("bob", password=PASSWORD)
    client = Client()
    client.get("/accounts/sso/login")
    assert client.session.get_expiry_age() <= 600
    credentials = {"username": "bob", "password": PASSWORD}
    answer = client.post("/api/v1/session", credentials, content_type="application/json")
    assert answer.status_code < 300, answer.content.decode()
    assert client.session.get_expiry_age() > 86_400


def test_a_session_that_ends_during_the_callback_says_that_it_expired(sso, monkeypatch):
    callback = sso.callback(client := Client(), "kim")

    def gone(self, must_create=False):
        raise UpdateError

    monkeypatch.setattr("apps.accounts.sessions.SessionStore.save", gone)
    request = RequestFactory().get(callback)
    request.session = client.session
    with pytest.raises(SignInFailed) as caught:
        flow.pop(request)
    assert caught.value.reason is Reason.EXPIRED
