"""Linking an identity to an account on purpose."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.sso.models import Identity
from tests.sso.conftest import who
from tests.support.people import PASSWORD
from tests.support.proof import long_ago

LINK = "/accounts/sso/link"


@pytest.fixture
def bob_at_home(db):
    """Bob's account, and his browser just after he typed his password again."""
    register("bob", password=PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    long_ago(client)
    asked = client.get(LINK)["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    assert client.post(asked, {"password": PASSWORD})["Location"] == LINK
    return client


def begin_link(idp, client):
    """Begin to link; the state at the provider."""
    answer = client.post(LINK)
    assert answer.status_code == 302, answer.content.decode()
    state, entry = list(client.session["oidc_states"].items())[-1]
    idp.nonce = entry["nonce"]
    assert "prompt=login" in answer["Location"]
    return state


def test_a_linked_identity_signs_in_to_the_account(idp, bob_at_home):
    page = bob_at_home.get(LINK).content.decode()
    assert "You sign in with Keycloak once" in page
    answer = idp.finish(bob_at_home, begin_link(idp, bob_at_home))
    assert (answer.status_code, answer["Location"]) == (302, "/settings/security")
    assert who(bob_at_home)["username"] == "bob"
    idp.sign_in(elsewhere := Client())
    assert who(elsewhere)["username"] == "bob"
    assert User.objects.count() == 1
    # Linking it again changes nothing.
    assert idp.finish(bob_at_home, begin_link(idp, bob_at_home)).status_code == 302
    assert Identity.objects.count() == 1


def test_an_identity_of_another_account_is_not_linked(idp, bob_at_home):
    idp.sign_in(Client())
    owner = Identity.objects.get().user_id
    answer = idp.finish(bob_at_home, begin_link(idp, bob_at_home))
    assert answer.status_code == 409
    assert "belongs to another account" in answer.content.decode()
    assert Identity.objects.get().user_id == owner
    assert who(bob_at_home)["username"] == "bob"


def test_a_stranger_cannot_link_to_an_account(idp, bob_at_home, charlie):
    """Charlie has what Bob's browser sent to the provider, but not Bob's session."""
    state = begin_link(idp, bob_at_home)
    stranger, signed_in = Client(), Client()
    signed_in.force_login(charlie, "allauth.account.auth_backends.AuthenticationBackend")
    for client in (stranger, signed_in):
        assert idp.finish(client, state).status_code == 400
    assert Client().post(LINK)["Location"].startswith("/accounts/login/")
    assert not Identity.objects.exists()
    assert idp.finish(bob_at_home, state).status_code == 302
    assert Identity.objects.get().user.username == "bob"


def test_another_person_in_the_same_browser_is_not_linked(idp, bob_at_home, charlie):
    state = begin_link(idp, bob_at_home)
    states = bob_at_home.session["oidc_states"]
    bob_at_home.force_login(charlie, "allauth.account.auth_backends.AuthenticationBackend")
    session = bob_at_home.session
    session["oidc_states"] = states
    session.save()
    assert idp.finish(bob_at_home, state).status_code == 400
    assert not Identity.objects.exists()


def test_another_site_cannot_begin_a_link(idp, bob_at_home):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = bob_at_home.cookies
    assert browser.post(LINK).status_code == 403
    assert browser.get(LINK).status_code == 200
    assert "oidc_states" not in browser.session


def test_linking_takes_a_fresh_sign_in(idp, bob_at_home):
    long_ago(bob_at_home)
    answer = bob_at_home.post(LINK)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert "oidc_states" not in bob_at_home.session


def test_an_account_without_a_password_cannot_link(idp):
    """It has no password to prove that the owner is at the screen."""
    idp.sign_in(client := Client())
    before = idp.requests("/authorization")
    for answer in (client.get(LINK), client.post(LINK)):
        assert answer.status_code == 200
        assert "This account has no password" in answer.content.decode()
    assert idp.requests("/authorization") == before
    assert Identity.objects.count() == 1


def test_without_local_accounts_nobody_links(idp, bob_at_home, settings):
    settings.LOCAL_ACCOUNTS = False
    assert "This account has no password" in bob_at_home.post(LINK).content.decode()


def test_an_account_has_one_identity_of_a_provider(idp, bob_at_home):
    idp.finish(bob_at_home, begin_link(idp, bob_at_home))
    first = Identity.objects.get().subject
    idp.claims = {"sub": "subject-2"}
    idp.userinfo = {"sub": "subject-2"}
    answer = idp.finish(bob_at_home, begin_link(idp, bob_at_home))
    assert answer.status_code == 409
    assert "Another person is linked" in answer.content.decode()
    assert Identity.objects.get().subject == first


def test_the_owner_is_told_of_a_link_by_mail(idp, bob_at_home, mailoutbox):
    bob = User.objects.get()
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True, primary=True)
    for _ in range(2):
        idp.finish(bob_at_home, begin_link(idp, bob_at_home))
    (mail,) = mailoutbox
    assert mail.to == ["bob@example.org"]
    assert mail.subject == "A sign-in was linked to your account"
    assert "You can sign in with Keycloak from now on." in mail.body
    assert "precautions" in mail.body


def test_the_admin_shows_identities_and_changes_none(idp, bob_at_home, client):
    idp.finish(bob_at_home, begin_link(idp, bob_at_home))
    root = User.objects.create(username="root", is_staff=True, is_superuser=True)
    client.force_login(root, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/admin/sso/identity/")
    assert "subject-1" in page.content.decode()
    identity = Identity.objects.get()
    assert client.get("/admin/sso/identity/add/").status_code == 403
    assert client.get(f"/admin/sso/identity/{identity.id}/change/").status_code == 200
    for page in ("change", "delete"):
        assert client.post(f"/admin/sso/identity/{identity.id}/{page}/", {}).status_code == 403
