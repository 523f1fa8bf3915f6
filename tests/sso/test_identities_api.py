"""The identities of a person over the API."""

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.sso.models import Identity
from tests.sso.conftest import who
from tests.support.apps import app_of
from tests.support.people import PASSWORD, signed_in
from tests.support.proof import long_ago

IDENTITIES = "/api/v1/me/identities"


@pytest.fixture
def bob(idp):
    """Bob has a password, and the identity that the provider names."""
    user = register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    Identity.objects.create(user=user, issuer=idp.issuer, subject="subject-1")
    return user


def path():
    return f"{IDENTITIES}/{Identity.objects.get().id}"


def test_an_identity_is_listed_and_unlinked(idp, bob):
    client = signed_in(bob)
    [item] = client.get(IDENTITIES).json()["items"]
    assert (item["id"], item["name"]) == (Identity.objects.get().id, "Keycloak")
    idp.sign_in(phone := Client())
    assert client.delete(path()).status_code == 204
    assert client.get(IDENTITIES).json() == {"items": []}
    assert who(phone) is None
    assert who(client)["username"] == "bob"


def test_it_takes_a_proof(bob):
    app = app_of(bob)
    long_ago(app)
    answer = app.request("DELETE", path().removeprefix("/api/v1/"))
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert Identity.objects.exists()


def test_the_only_way_to_sign_in_stays(idp):
    idp.sign_in(client := Client())
    answer = client.delete(path())
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")
    assert Identity.objects.exists()


def test_the_identity_of_another_is_not_found(bob):
    charlie = signed_in(register("charlie", password=PASSWORD))
    assert charlie.get(IDENTITIES).json() == {"items": []}
    assert charlie.delete(path()).content == charlie.delete(f"{IDENTITIES}/0").content
    assert charlie.delete(path()).status_code == 404
    assert Identity.objects.exists()
