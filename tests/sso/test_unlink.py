"""Unlinking an identity from an account that keeps another way to sign in."""

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.core.errors import NotFound, NotPossible
from apps.sso.actions import identities
from apps.sso.models import Identity, ProviderSession
from tests.sso.conftest import who
from tests.support.people import PASSWORD
from tests.support.proof import long_ago

SECURITY = "/settings/security"


def unlink_path():
    return f"/accounts/sso/unlink/{Identity.objects.get().id}"


def at_home(username="bob"):
    """A browser that signed in with a password just now."""
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": PASSWORD})
    return client


@pytest.fixture
def bob(idp):
    """Bob has a password, and the identity that the provider names."""
    user = register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    Identity.objects.create(user=user, issuer=idp.issuer, subject="subject-1")
    return user


def test_an_unlinked_identity_signs_in_to_the_account_no_more(idp, bob):
    client = at_home()
    assert "Unlink Keycloak" in client.get(SECURITY).content.decode()
    assert "will no longer sign you in" in client.get(unlink_path()).content.decode()
    assert Identity.objects.exists()
    answer = client.post(unlink_path())
    assert (answer.status_code, answer["Location"]) == (302, SECURITY)
    page = client.get(SECURITY).content.decode()
    assert "The sign-in was unlinked." in page
    assert "Link Keycloak" in page
    idp.sign_in(elsewhere := Client())
    assert who(elsewhere)["username"] != "bob"
    assert who(client)["username"] == "bob"


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_told_by_mail(idp, bob, mailoutbox):
    at_home().post(unlink_path())
    assert [mail.subject for mail in mailoutbox] == ["A sign-in was unlinked from your account"]
    assert mailoutbox[0].to == ["bob@example.org"]
    assert "Keycloak no longer signs you in." in mailoutbox[0].body


def test_sessions_that_the_identity_began_end_and_others_stay(idp, bob):
    idp.sign_in(phone := Client())
    assert who(phone)["username"] == "bob"
    client = at_home()
    client.post(unlink_path())
    assert who(phone) is None
    assert not ProviderSession.objects.exists()
    assert who(client)["username"] == "bob"


def test_whoever_unlinks_the_way_they_came_signs_in_again(idp, bob):
    idp.sign_in(client := Client())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.post(unlink_path())
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert who(client) is None


def test_the_only_way_to_sign_in_stays_linked(idp):
    idp.sign_in(client := Client())
    page = client.get(SECURITY).content.decode()
    assert "It is your only way to sign in." in page
    assert "Unlink" not in page
    for answer in (client.get(unlink_path()), client.post(unlink_path())):
        assert answer.status_code == 409
        assert "only way to sign in" in answer.content.decode()
    with pytest.raises(NotPossible):
        identities.unlink(User.objects.get().id, Identity.objects.get().id)
    assert Identity.objects.exists()


def test_without_local_accounts_nothing_is_unlinked(idp, bob, settings):
    settings.LOCAL_ACCOUNTS = False
    with pytest.raises(NotPossible):
        identities.unlink(bob.id, Identity.objects.get().id)


def test_unlinking_asks_for_the_password_again(idp, bob):
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    long_ago(client)
    for answer in (client.get(unlink_path()), client.post(unlink_path())):
        assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert Identity.objects.exists()


def test_a_stranger_unlinks_nothing(idp, bob):
    register("charlie", password=PASSWORD)
    charlie = User.objects.get(username="charlie")
    assert at_home("charlie").post(unlink_path()).status_code == 404
    assert Client().post(unlink_path())["Location"].startswith("/accounts/login/")
    with pytest.raises(NotFound):
        identities.unlink(charlie.id, Identity.objects.get().id)
    with pytest.raises(NotFound):
        identities.unlink(bob.id, 0)
    assert Identity.objects.get().user == bob


def test_a_closed_account_unlinks_nothing(idp, bob):
    User.objects.filter(id=bob.id).update(is_active=False)
    with pytest.raises(NotFound):
        identities.unlink(bob.id, Identity.objects.get().id)


def test_another_site_unlinks_nothing(idp, bob):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = at_home().cookies
    assert browser.post(unlink_path()).status_code == 403
    assert Identity.objects.exists()
