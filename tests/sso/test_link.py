"""Linking an identity to an account on purpose."""

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.sso.models import Identity
from tests.sso.conftest import use_provider, who
from tests.sso.stand_in import stand_in
from tests.support.people import PASSWORD

LINK = "/accounts/sso/link"


@pytest.fixture
def idp(db, settings):
    """A provider that says what the test tells it to."""
    with stand_in() as made:
        use_provider(settings, made.issuer)
        yield made


@pytest.fixture
def bob_at_home(db):
    """Bob's account, and his browser just after he typed his password again."""
    register("bob", password=PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
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
    assert (answer.status_code, answer["Location"]) == (302, "/settings/profile")
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
    session = bob_at_home.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    answer = bob_at_home.post(LINK)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert "oidc_states" not in bob_at_home.session
