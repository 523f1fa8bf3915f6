"""A first sign-in with the provider claims the account of an imported person."""

import pytest
from django.test import Client

from apps.accounts.actions.placeholders import PastPerson, make_placeholder
from apps.accounts.models import Placeholder
from apps.core.identifiers import new_id
from apps.sso.models import Identity
from tests.sso.conftest import who

ADDRESS = {"email": "kim@example.org", "email_verified": True}


@pytest.fixture
def imported():
    past = PastPerson(id=new_id(), username="kim.old", name="Kim", email="kim@example.org")
    return make_placeholder(past, source="slack")


def signed_in(idp, **claims):
    idp.claims = claims
    idp.sign_in(client := Client())
    return who(client)


def test_a_confirmed_address_claims_it(idp, imported):
    assert signed_in(idp, **ADDRESS)["username"] == "kim.old"
    imported.refresh_from_db()
    assert (imported.is_active, imported.email) == (True, "kim@example.org")
    assert Identity.objects.get().user == imported
    assert not Placeholder.objects.exists()
    # From then on it is an account as any.
    assert signed_in(idp, **ADDRESS)["username"] == "kim.old"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "kim@example.org", "email_verified": False},
        {"email": "kim@example.org", "email_verified": "true"},
        {"email": "charlie@example.org", "email_verified": True},
        {},
    ],
)
def test_nothing_else_does(idp, imported, claims):
    assert signed_in(idp, **claims)["username"] == "kim"
    assert Placeholder.objects.get().user == imported


def test_an_identity_of_the_archive_claims_it_without_an_address(idp):
    subject = (idp.all_claims()["iss"], idp.all_claims()["sub"])
    past = PastPerson(id=new_id(), username="kim.old", subjects=[subject], former=True)
    imported = make_placeholder(past, source="parley")
    assert signed_in(idp)["username"] == "kim.old"
    imported.refresh_from_db()
    assert imported.is_active
