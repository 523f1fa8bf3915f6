"""Deleted accounts of people who sign in with a provider or come from a directory."""

import pytest
from django.test import Client

from apps.accounts.actions import accounts, deletions
from apps.accounts.models import Deletion, User
from apps.accounts.tasks import erase_accounts
from apps.scim.models import DirectoryEntry
from apps.sso.models import Identity
from tests.scim.conftest import TOKEN, Directory
from tests.sso.conftest import who
from tests.sso.test_exchange import app_by, exchange

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kim(idp):
    idp.sign_in(Client())
    return User.objects.get()


def delete(user):
    deletions.start(user.id, at_once=True)
    erase_accounts()
    user.refresh_from_db()
    assert user.erased_at is not None


def test_a_sign_in_at_the_provider_takes_it_back(idp, kim):
    deletions.ask(kim.id)
    browser = Client()
    assert idp.sign_in(browser)["Location"] == "/settings/data"
    assert "Your account will not be deleted." in browser.get("/settings/data").content.decode()
    assert not Deletion.objects.exists()
    assert who(browser)["id"] == str(kim.id)


def test_an_app_takes_it_back_with_a_new_sign_in_only(idp, kim):
    """An app that was signed out still has tokens of the provider."""
    token = idp.access_token()
    app_by(token)
    deletions.ask(kim.id)
    assert exchange(idp.access_token()).status_code == 401
    assert Deletion.objects.exists()
    later = idp.access_token(sid="another-session")
    assert exchange(later).status_code == 201
    assert not Deletion.objects.exists()


def test_the_next_sign_in_creates_a_new_account(idp, kim):
    delete(kim)
    browser = Client()
    idp.sign_in(browser)
    me = who(browser)
    assert me["id"] != str(kim.id)
    assert me["username"] != "kim"
    assert Identity.objects.get().user_id != kim.id


def test_somebody_who_was_shut_out_stays_so(idp, kim):
    accounts.deactivate(kim.id)
    delete(kim)
    assert idp.sign_in(Client()).status_code == 403
    assert User.objects.count() == 1


@pytest.mark.parametrize("shut_out", [False, True])
def test_a_directory_creates_the_person_anew_unless_they_were_shut_out(idp, settings, shut_out):
    settings.SCIM_TOKEN = TOKEN
    directory = Directory()
    made = directory.create("kim", externalId="subject-1")
    kim = User.objects.get()
    if shut_out:
        accounts.deactivate(kim.id)
    delete(kim)
    assert not DirectoryEntry.objects.exists()
    assert directory.send("get", f"Users/{made['id']}").status_code == 404
    body = {"schemas": made["schemas"], "userName": "kim", "externalId": "subject-1"}
    assert directory.send("post", "Users", body).status_code == (409 if shut_out else 201)
    kim.refresh_from_db()
    assert not kim.is_active
    assert User.objects.count() == (1 if shut_out else 2)
