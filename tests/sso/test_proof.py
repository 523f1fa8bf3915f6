"""People without a password here prove at the provider that it is them."""

import time

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import Export, Session
from apps.sso.models import ProviderSession
from apps.sso.sealing import unseal
from tests.sso.conftest import who
from tests.support.people import PASSWORD
from tests.support.proof import long_ago

PROVE = "/accounts/sso/prove"
DATA = "/settings/data"


@pytest.fixture
def kim(idp):
    """Kim's browser, signed in by the provider too long ago."""
    idp.sign_in(client := Client())
    long_ago(client)
    return client


def begin(idp, client, path=f"{PROVE}?next={DATA}"):
    """Go to the provider; the state there."""
    asked = idp.begin(client, path)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    return asked["state"]


def exports_of(client):
    """Ask for an export: whether that was accepted."""
    return client.post("/api/v1/exports").status_code == 202


def test_the_page_leads_to_the_provider_and_goes_on_after_it(idp, kim):
    answer = kim.post(DATA)
    assert (answer.status_code, answer["Location"]) == (302, f"{PROVE}?next=%2Fsettings%2Fdata")
    assert not Export.objects.exists()
    device = Session.objects.get(user__username="kim").device_id
    answer = idp.finish(kim, begin(idp, kim, answer["Location"]))
    assert (answer.status_code, answer["Location"]) == (302, DATA)
    assert "We are collecting your data." in kim.get(DATA).content.decode()
    assert Export.objects.count() == 1
    assert Session.objects.get(user__username="kim").device_id == device


def test_the_profile_page_keeps_what_was_typed(idp, kim):
    me = who(kim)
    form = {"username": "kim", "name": "Kim Q.", "email": "kim@example.org", "about": ""}
    form |= {"locale": "en", "time_zone": "UTC", "version": me["version"]}
    answer = kim.post("/settings/profile", form)
    assert answer["Location"].startswith(PROVE)
    assert who(kim)["name"] == "Kim"
    idp.finish(kim, begin(idp, kim, answer["Location"]))
    assert who(kim)["name"] == "Kim Q."


def test_the_tokens_of_the_proof_replace_those_of_the_sign_in(idp, kim):
    idp.claims = {"sid": "session-2"}
    before = ProviderSession.objects.get()
    idp.finish(kim, begin(idp, kim))
    after = ProviderSession.objects.get()
    assert (after.id, after.sid) == (before.id, "session-2")
    assert unseal(after.id_token) != unseal(before.id_token)
    assert exports_of(kim)


def test_the_proof_is_of_the_person_who_is_signed_in(idp, kim):
    idp.claims = idp.userinfo = {"sub": "subject-2", "preferred_username": "charlie"}
    idp.sign_in(Client())
    answer = idp.finish(kim, begin(idp, kim))
    assert answer.status_code == 403
    assert "That was not you" in answer.content.decode()
    assert not exports_of(kim)
    assert who(kim)["username"] == "kim"


@pytest.mark.parametrize("age_s", [301, None])
def test_a_provider_that_did_not_ask_proves_nothing(idp, kim, age_s):
    idp.claims = {"auth_time": None if age_s is None else int(time.time()) - age_s}
    assert idp.finish(kim, begin(idp, kim)).status_code == 403
    assert not exports_of(kim)


def test_a_proof_that_one_browser_began_is_not_of_another(idp, kim):
    state = begin(idp, kim)
    idp.sign_in(other := Client())
    long_ago(other)
    assert idp.finish(other, state).status_code == 400
    assert not exports_of(other)


def test_a_session_that_ended_meanwhile_stays_ended(idp, kim):
    state = begin(idp, kim)
    ProviderSession.objects.all().delete()
    assert idp.finish(kim, state).status_code == 400
    assert not exports_of(kim)


def test_a_proof_leads_to_pages_of_this_server_alone(idp, kim):
    answer = idp.finish(kim, begin(idp, kim, f"{PROVE}?next=//evil.example"))
    assert answer["Location"] == "/"


def test_people_with_a_password_here_type_it(idp, db):
    client = Client()
    register("bob", password=PASSWORD)
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    long_ago(client)
    assert client.post(DATA)["Location"].startswith("/accounts/reauthenticate/")


def test_strangers_sign_in_first(idp):
    assert Client().get(PROVE)["Location"].startswith("/accounts/login/")
