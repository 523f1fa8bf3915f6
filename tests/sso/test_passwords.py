"""Accounts that sign in with the provider alone get no password here."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from apps.accounts.actions.access import Way
from apps.accounts.actions.registration import register
from apps.accounts.models import Ending, User
from apps.sso.actions import provider_sessions
from apps.sso.adapter import SsoAdapter
from apps.sso.models import Identity, ProviderSession
from tests.sso.conftest import who
from tests.support.people import PASSWORD

NEW = "another horse battery"
SET, CHANGE, RESET = (f"/accounts/password/{name}/" for name in ("set", "change", "reset"))


@pytest.fixture
def kim(idp):
    """The browser of a person who came from the provider, with a confirmed e-mail address."""
    idp.claims = {"email": "kim@example.org", "email_verified": True}
    idp.sign_in(client := Client())
    assert EmailAddress.objects.get().verified
    return client


ELSEWHERE = "You sign in with Keycloak. Change your password and your second step there."


@pytest.mark.parametrize("path", [SET, CHANGE])
def test_a_person_of_the_provider_cannot_set_a_password(kim, path):
    for answer in (
        kim.get(path),
        kim.post(path, {"password1": "a-New-Passw0rd", "password2": "a-New-Passw0rd"}),
    ):
        assert answer.status_code == 200
        assert ELSEWHERE in answer.content.decode()
    assert not User.objects.get().has_usable_password()


def test_the_security_page_of_a_person_of_the_provider_offers_neither(kim):
    page = kim.get("/settings/security").content.decode()
    assert CHANGE not in page
    assert "/accounts/2fa/" not in page
    assert ELSEWHERE in page


@pytest.mark.parametrize("page", ["totp/activate/", "passkeys/add/", "recovery-codes/generate/"])
def test_a_person_of_the_provider_cannot_set_up_a_second_factor(kim, page):
    for answer in (kim.get(f"/accounts/2fa/{page}"), kim.post(f"/accounts/2fa/{page}")):
        assert answer.status_code == 200
        assert ELSEWHERE in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_no_path_sets_a_password_of_a_person_of_the_provider(kim):
    user = User.objects.get()
    with pytest.raises(PermissionDenied):
        SsoAdapter().set_password(user, "a-New-Passw0rd")
    assert not User.objects.get().has_usable_password()


def test_no_reset_link_is_sent_to_a_person_of_the_provider(kim):
    register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    mail.outbox.clear()
    answers = [
        Client().post(RESET, {"email": f"{name}@example.org"}) for name in ("bob", "kim", "nobody")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/accounts/password/reset/done/")
    }
    assert not [item for item in mail.outbox if item.to == ["kim@example.org"]]
    assert [item for item in mail.outbox if item.to == ["bob@example.org"]]


def test_a_linked_account_keeps_its_password(idp):
    bob = register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    Identity.objects.create(user=bob, issuer=idp.issuer, subject="bob")
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    mail.outbox.clear()
    assert "Change your password" in client.get(CHANGE).content.decode()
    assert CHANGE in client.get("/settings/security").content.decode()
    Client().post(RESET, {"email": "bob@example.org"})
    assert len(mail.outbox) == 1


def test_a_new_password_keeps_the_session_at_the_provider_and_the_one_here(idp):
    bob = register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    Identity.objects.create(user=bob, issuer=idp.issuer, subject="subject-1")
    idp.sign_in(client := Client())
    body = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post(CHANGE, body).status_code == 302
    assert who(client)["username"] == "bob"
    assert [*Ending.objects.values_list("way", flat=True)] == []
    assert provider_sessions.end(ProviderSession.objects.all(), way=Way.BACK_CHANNEL) == 1
    assert who(client) is None
