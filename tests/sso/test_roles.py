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


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("groups", {"groups": ["moderator"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["moderator"]}}),
        ("https://example.org/roles", {"https://example.org/roles": ["moderator"]}),
        (
            "resource_access.chat.example.org.roles",
            {"resource_access": {"chat": 1, "chat.example.org": {"roles": ["moderator"]}}},
        ),
        ("groups", {"groups": "moderator"}),
    ],
)
def test_the_roles_are_where_the_operator_says(idp, settings, path, claims):
    settings.OIDC_ROLES_CLAIM = path
    idp.claims = claims
    idp.sign_in(Client())
    assert roles() == (False, True)


def test_a_claim_that_is_neither_text_nor_list_changes_nothing(idp, settings):
    for strange in (7, {"roles": []}, None):
        idp.claims = {"roles": strange}
        idp.sign_in(Client())
        assert roles() == (True, True)
    settings.OIDC_ROLES_CLAIM = "roles.of.nobody"
    idp.sign_in(Client())
    assert roles() == (True, True)


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
