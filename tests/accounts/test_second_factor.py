"""The second step of a sign-in: authenticator apps and recovery codes."""

import base64
import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from apps.accounts.actions import accounts, second_factor
from apps.accounts.actions.registration import register
from apps.accounts.models import Session
from tests.support.people import PASSWORD
from tests.support.proof import long_ago
from tests.support.signing_in import SIGN_IN, is_signed_in, sign_in
from tests.support.totp import totp

SECOND_STEP = "/accounts/2fa/authenticate/"
ACTIVATE = "/accounts/2fa/totp/activate/"
DEACTIVATE = "/accounts/2fa/totp/deactivate/"
CODES = "/accounts/2fa/recovery-codes/"
NEW_CODES = "/accounts/2fa/recovery-codes/generate/"
SECURITY = "/settings/security"
REAUTHENTICATE = "/accounts/reauthenticate/"
TOO_MANY = "Too many tries"
NOT_VALID = "This code is not valid"


def register_alice():
    return register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)


@pytest.fixture
def alice(db):
    return register_alice()


@pytest.fixture
def still(monkeypatch):
    """The clock stands at the beginning of a time step; `still(seconds)` moves it."""
    real = time.time()
    now = real - real % 30 + 1
    monkeypatch.setattr("apps.accounts.actions.second_factor.time.time", lambda: now)

    def move(seconds):
        nonlocal now
        now += seconds

    move.now = lambda: now
    return move


def signed_in_anew(username="alice"):
    """A browser that signed in, and typed the password again just now."""
    client = Client()
    sign_in(client, username)
    assert is_signed_in(client)
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    return client


def secret_on(page):
    return re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.content.decode())[1]


def set_up(client, at=None):
    """Set up an app. Returns its secret and the recovery codes."""
    secret = secret_on(client.get(ACTIVATE))
    answer = client.post(ACTIVATE, {"code": totp(secret, at=at)})
    assert (answer.status_code, answer["Location"]) == (302, CODES)
    shown = client.get(CODES).content.decode()
    return secret, re.findall(r"<li><code>(\d{8})</code></li>", shown)


def enter(client, code):
    return client.post(SECOND_STEP, {"code": code})


def half_way(username="alice", **more):
    """A browser that gave the right password and is asked for the second step."""
    client = Client(**more)
    answer = sign_in(client, username)
    assert (answer.status_code, answer["Location"]) == (302, SECOND_STEP)
    assert not is_signed_in(client)
    return client


@pytest.mark.django_db(transaction=True)
def test_a_person_sets_up_an_app_and_signs_in_with_its_codes(still, mailoutbox):
    register_alice()
    secret, codes = set_up(signed_in_anew(), still.now())
    assert len(set(codes)) == 10
    assert [mail.subject for mail in mailoutbox] == ["An authenticator app was set up"]
    assert mailoutbox[0].to == ["alice@example.org"]
    client = half_way()
    still(30)
    answer = enter(client, totp(secret, at=still.now()))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_the_password_alone_signs_nobody_in(alice, still):
    set_up(signed_in_anew(), still.now())
    client = half_way()
    for code in ("", "000000", "abcdef", "\x00", "²²²²²²"):
        assert enter(client, code).status_code == 200
        assert not is_signed_in(client)
    assert client.get("/accounts/password/change/").status_code == 302
    assert client.get(SECURITY)["Location"].startswith(SIGN_IN)


def test_nobody_is_asked_for_a_second_step_without_the_password(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    stranger = Client()
    still(60)
    for answer in (stranger.get(SECOND_STEP), enter(stranger, totp(secret, at=still.now()))):
        assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)
    sign_in(stranger, "alice", "wrong password")
    assert enter(stranger, totp(secret, at=still.now()))["Location"] == SIGN_IN
    assert not is_signed_in(stranger)


def test_recovery_codes_are_shown_once_and_can_be_downloaded(alice, still):
    client = signed_in_anew()
    secret = secret_on(client.get(ACTIVATE))
    client.post(ACTIVATE, {"code": totp(secret, at=still.now())})
    first = client.get(CODES)
    assert "no-store" in first["Cache-Control"]
    shown = re.findall(r"<li><code>(\d{8})</code></li>", first.content.decode())
    link = re.search(r'href="data:text/plain;base64,([^"]+)" download', first.content.decode())
    assert base64.b64decode(link[1]).decode().split() == shown
    assert len(shown) == 10
    again = client.get(CODES).content.decode()
    assert "10 codes are left" in again
    assert not any(code in again for code in shown)


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_replace_the_old_ones(still, mailoutbox):
    register_alice()
    client = signed_in_anew()
    _, old = set_up(client, still.now())
    answer = client.post(NEW_CODES)
    assert (answer.status_code, answer["Location"]) == (302, CODES)
    new = re.findall(r"<li><code>(\d{8})</code></li>", client.get(CODES).content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    assert NOT_VALID in enter(half_way(), old[0]).content.decode()
    assert enter(half_way(), new[0]).status_code == 302
    assert mailoutbox[-1].subject == "New recovery codes were made"


def test_removing_the_app_removes_its_recovery_codes_and_the_second_step(alice, still, mailoutbox):
    client = signed_in_anew()
    set_up(client, still.now())
    assert client.get(DEACTIVATE).status_code == 200
    assert Authenticator.objects.filter(user=alice).count() == 2
    assert client.post(DEACTIVATE).status_code == 302
    assert not Authenticator.objects.filter(user=alice).exists()
    assert mailoutbox[-1].subject == "The authenticator app was removed"
    assert sign_in(Client(), "alice")["Location"] == "/"


@pytest.mark.parametrize("path", [ACTIVATE, DEACTIVATE, CODES, NEW_CODES])
def test_each_change_asks_for_the_password_again(alice, still, path):
    client = signed_in_anew()
    if path != ACTIVATE:
        set_up(client, still.now())
    long_ago(client)
    before = list(Authenticator.objects.values())
    for ask in (client.get, client.post):
        if (path, ask) != (CODES, client.post):  # a page to read
            answer = ask(path, {"code": "000000"})
            assert answer["Location"].startswith(f"{REAUTHENTICATE}?next=")
    assert list(Authenticator.objects.values()) == before
    wrong = client.post(answer["Location"], {"password": "wrong password"})
    assert wrong.status_code == 200
    assert client.get(path)["Location"].startswith(REAUTHENTICATE)


def test_a_code_is_not_enough_to_be_asked_again(alice, still):
    """It may lie beside an open screen."""
    client = signed_in_anew()
    set_up(client, still.now())
    assert client.get("/accounts/2fa/reauthenticate/").status_code == 404
    assert client.get("/accounts/2fa/webauthn/reauthenticate/").status_code == 404
    assert "2fa" not in client.get(REAUTHENTICATE).content.decode()


def test_strangers_see_no_page_of_the_second_factor(db):
    for path in (ACTIVATE, DEACTIVATE, CODES, NEW_CODES, SECURITY, "/accounts/2fa/passkeys/add/"):
        for answer in (Client().get(path), Client().post(path)):
            assert answer.status_code in (302, 405)
            assert answer.status_code == 405 or answer["Location"].startswith(SIGN_IN)


def test_the_second_step_goes_on_to_where_the_person_was_going(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    still(60)
    for target, lands_on in (("/people", "/people"), ("//evil.example", "/")):
        client = Client()
        client.post(SIGN_IN, {"login": "alice", "password": PASSWORD, "next": target})
        assert enter(client, totp(secret, at=still.now()))["Location"] == lands_on
        still(30)


def test_a_sign_in_can_be_given_up_half_way(alice, still):
    set_up(signed_in_anew(), still.now())
    client = half_way()
    answer = client.post("/accounts/logout/", {"next": SIGN_IN})
    assert answer["Location"] == SIGN_IN
    assert client.get(SECOND_STEP)["Location"] == SIGN_IN


def test_a_reset_password_does_not_remove_the_second_step(alice, still, mailoutbox):
    set_up(signed_in_anew(), still.now())
    client = Client()
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    path = re.search(r"https?://[^/]+(/\S+)", mailoutbox[-1].body)[1]
    form = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another good one", "password2": "another good one"})
    assert not is_signed_in(client)
    assert sign_in(client, "alice", "another good one")["Location"] == SECOND_STEP


def test_an_unconfirmed_email_neither_prevents_a_second_factor_nor_is_prevented_by_it(alice, still):
    client = signed_in_anew()
    EmailAddress.objects.create(user=alice, email="new@example.org", verified=False)
    set_up(client, still.now())
    assert Authenticator.objects.filter(user=alice, type="totp").exists()


def test_without_local_accounts_there_are_no_pages_of_the_second_factor(alice, settings):
    client = signed_in_anew()
    settings.LOCAL_ACCOUNTS = False
    for path in (ACTIVATE, CODES, SECOND_STEP, "/accounts/2fa/passkeys/login/"):
        assert client.get(path).status_code == 404
    assert (
        "Change your password and your second step there" in client.get(SECURITY).content.decode()
    )


def test_a_reset_signs_out_also_where_its_owner_is_signed_in(alice, still, mailoutbox):
    """It proves a mailbox, not the second step."""
    client = signed_in_anew()
    set_up(client, still.now())
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    path = re.search(r"https?://[^/]+(/\S+)", mailoutbox[-1].body)[1]
    form = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another good one", "password2": "another good one"})
    assert not is_signed_in(client)


def test_a_password_changed_between_the_steps_ends_the_sign_in(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    client = half_way()
    accounts.set_password(alice, "another good one")
    still(60)
    assert enter(client, totp(secret, at=still.now()))["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_an_account_closed_between_the_steps_gets_no_session(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    client = half_way()
    accounts.deactivate(alice.id)
    still(60)
    enter(client, totp(secret, at=still.now()))
    assert not Session.objects.filter(user=alice).exists()


def test_factors_removed_during_the_second_step_lead_back_to_the_password(alice, still):
    set_up(signed_in_anew(), still.now())
    client = half_way()
    second_factor.remove_all(alice.id)
    assert client.get(SECOND_STEP)["Location"] == SIGN_IN
    assert client.get(SIGN_IN).status_code == 200


def test_after_a_new_secret_key_new_recovery_codes_can_be_made(alice, still, settings):
    set_up(signed_in_anew(), still.now())
    settings.SECRET_KEY = "another " * 8
    client = Client()
    client.force_login(alice, "allauth.account.auth_backends.AuthenticationBackend")
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    assert client.get(CODES)["Location"] == NEW_CODES
    assert client.get(NEW_CODES).status_code == 200
