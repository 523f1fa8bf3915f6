"""Suspended people of the provider."""

import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib import auth
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import deletions
from apps.accounts.models import Deletion, Export, Session, User
from apps.accounts.tasks import erase_accounts
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.sso.models import ProviderPicture, ProviderSession
from tests.sso.conftest import who
from tests.sso.test_exchange import app_by, exchange

OPERATOR = By(None, Door.COMMAND)


@pytest.fixture
def kim(idp):
    """A person of the provider, suspended for a day."""
    idp.sign_in(Client())
    user = User.objects.get()
    suspend(user)
    return user


def suspend(user):
    until = timezone.now() + timedelta(days=1)
    people.suspend(OPERATOR, user.id, until=until, reason="Insults in the crew")


def test_a_sign_in_at_the_provider_shows_why_and_changes_nothing(idp, kim, settings):
    settings.OIDC_STAFF_ROLE, settings.OIDC_PICTURE_FOLLOWS = "staff", "always"
    idp.claims = {"roles": ["staff"], "picture": "https://example.org/kim.png"}
    client = Client()
    assert idp.sign_in(client).status_code == 302
    assert who(client) is None
    assert "Insults in the crew" in client.get("/suspended").content.decode()
    assert "Insults" not in Client().get("/suspended").content.decode()
    assert not User.objects.get().is_staff
    assert not ProviderPicture.objects.exists()
    assert not ProviderSession.objects.exists()


def test_the_sign_in_changes_the_key_of_the_session(idp, kim, settings):
    client = Client()
    client.session.save()  # a key that somebody else planted in this browser
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    idp.sign_in(client)
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert other.get("/suspended")["Location"] == "/accounts/login/"
    assert client.get("/suspended").status_code == 200


def test_an_app_is_refused_until_the_suspension_ends(idp, kim):
    answer = exchange(idp.access_token())
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    people.lift(OPERATOR, kim.id, reason="A mistake")
    assert app_by(idp.access_token()).status == 200


def test_a_session_that_meets_the_suspension_does_not_come_back_after_it(idp, monkeypatch):
    """The account is closed between the check of the callback and its session."""
    idp.sign_in(Client())
    user = User.objects.get()
    login = auth.login

    def after_the_suspension(*args, **more):
        suspend(user)
        login(*args, **more)

    monkeypatch.setattr(auth, "login", after_the_suspension)
    idp.sign_in(client := Client())
    monkeypatch.undo()
    assert who(client) is None
    people.lift(OPERATOR, user.id, reason="A mistake")
    assert who(client) is None
    assert not Session.objects.filter(user=user).exists()


def signed_in_to_read(idp, **claims):
    """A browser that has come from the provider to the page about the suspension."""
    idp.claims = claims
    client = Client()
    assert idp.sign_in(client)["Location"] == "/suspended"
    return client


def test_a_fresh_proof_at_the_provider_lets_them_ask_for_data_and_deletion(idp, kim):
    silent = signed_in_to_read(idp, auth_time=int(time.time()) - 3600)
    assert silent.post("/suspended/delete").status_code == 403
    assert silent.post("/suspended", {"export": ""}).status_code == 403
    again = silent.get("/accounts/sso/login?next=/suspended")["Location"]
    assert "prompt=login" in again
    assert "max_age=0" in again
    fresh = signed_in_to_read(idp, auth_time=int(time.time()))
    assert fresh.post("/suspended", {"export": ""}).status_code == 302
    assert fresh.post("/suspended/delete").status_code == 302
    assert Export.objects.get().user_id == kim.id
    assert Deletion.objects.get().by_id == kim.id


@pytest.mark.django_db(transaction=True)
def test_the_deletion_is_no_way_around_the_suspension(idp, kim):
    EmailAddress.objects.update_or_create(
        user=kim, email="kim@example.org", defaults={"verified": True}
    )
    deletions.start(kim.id, by=kim.id, at_once=True)
    erase_accounts()
    kim.refresh_from_db()
    assert kim.erased_at
    email = {"email": "kim@example.org", "email_verified": True}
    for claims in ({}, {"sub": "another", **email}):
        idp.claims, idp.userinfo = claims, {"sub": claims.get("sub", "subject-1")}
        client = Client()
        assert idp.sign_in(client).status_code == 403
        assert who(client) is None
    assert User.objects.count() == 1
    idp.claims = {"sub": "another", "email": "other@example.org", "email_verified": True}
    idp.sign_in(client := Client())
    assert who(client)
