"""Roles that follow the identity provider."""

import logging

import pytest
from django.test import Client

from apps.accounts.models import User


@pytest.fixture
def idp(idp, settings):
    """The provider, with roles."""
    settings.OIDC_STAFF_ROLE, settings.OIDC_MODERATOR_ROLE = "staff", "moderator"
    idp.claims = {"roles": ["staff", "moderator"]}
    idp.sign_in(Client())
    return idp


def roles():
    """What the only person is."""
    user = User.objects.get()
    return user.is_staff, user.groups.filter(name="moderators").exists()


def test_an_empty_list_takes_the_roles_and_an_absent_claim_does_not(idp):
    assert roles() == (True, True)
    idp.claims = {}
    idp.sign_in(Client())
    assert roles() == (True, True)
    idp.claims = {"roles": []}
    idp.sign_in(Client())
    assert roles() == (False, False)


def test_a_superuser_stays_staff(idp):
    User.objects.update(is_superuser=True)
    idp.claims = {"roles": []}
    idp.sign_in(Client())
    assert roles() == (True, False)


def test_each_change_of_a_role_is_logged_once(idp, caplog):
    caplog.set_level(logging.INFO, "apps.accounts")
    idp.claims = {"roles": ["staff"]}
    for _ in range(2):
        idp.sign_in(Client())
    idp.claims = {"roles": []}
    idp.sign_in(Client())
    person = User.objects.get().id
    said = [record.getMessage() for record in caplog.records if str(person) in record.getMessage()]
    assert said == [
        f"{person} is no longer in the group moderators",
        f"{person} is no longer staff",
    ]
