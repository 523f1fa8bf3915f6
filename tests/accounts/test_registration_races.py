"""Registering when two things happen at the same moment, and addresses that are made to deceive."""

from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.actions import email_proofs, invites, registration
from apps.accounts.models import RegistrationInvite, User
from apps.core.errors import Invalid, NotFound
from tests.support.people import PASSWORD
from tests.support.threads import meanwhile, together


@pytest.fixture
def nobody_registers(settings):
    """But the first administrator."""
    settings.REGISTRATION = "off"


@pytest.fixture
def by_domain(settings):
    settings.REGISTRATION = "domains"
    settings.REGISTRATION_DOMAINS = ["example.org"]


def secret_of(created):
    return created.link.partition("invite=")[2]


def sign_up(name, secret):
    return registration.sign_up(name, password=PASSWORD, invite=secret)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["off", "open", "invite"])
def test_two_clicks_on_the_first_administrators_link_make_one_administrator(settings, mode):
    settings.REGISTRATION = mode
    secret = secret_of(invites.renew_first_administrators())
    done = together(*(partial(sign_up, name, secret) for name in ("bob", "carl", "dora")))
    made = [each for each in done if isinstance(each, User)]
    assert sum(user.is_superuser for user in made) == 1
    # In `open`, the others have accounts as anybody.
    assert len(made) == (3 if mode == "open" else 1)
    assert RegistrationInvite.objects.get().used_by.is_superuser


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_leave_one_link(nobody_registers):
    first = []
    second = meanwhile(
        lambda: first.append(invites.renew_first_administrators()),
        invites.renew_first_administrators,
    )
    assert RegistrationInvite.objects.get().id == second.invite.id
    with pytest.raises(NotFound):
        sign_up("bob", secret_of(first[0]))


@pytest.mark.django_db(transaction=True)
def test_a_start_while_the_first_administrator_registers_prints_no_link(nobody_registers):
    secret = secret_of(invites.renew_first_administrators())
    printed = meanwhile(partial(sign_up, "bob", secret), invites.renew_first_administrators)
    assert printed is None
    assert not RegistrationInvite.objects.filter(used_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "email", ["bob", "bob@example.org\nBcc: eve@example.org", "a@example.org, b@example.org"]
)
def test_no_invitation_is_made_for_what_is_no_address(mailoutbox, email):
    with pytest.raises(CommandError, match="e-mail address"):
        call_command("invite", "--email", email)
    assert not RegistrationInvite.objects.exists()
    assert not mailoutbox


@pytest.mark.django_db
@pytest.mark.parametrize(
    "email",
    [
        "bob@example.org@evil.example",
        "bob@evil.example,bob@example.org",
        '"bob@evil.example"@example.org',
        '"<bob@evil.example>"@example.org',
        r'"a\"@evil.example"@example.org',
        "bob@example.org.",
        "bob@\u0435xample.org",  # a Cyrillic e
        "bob@example.org\n.evil.example",
    ],
)
def test_an_address_that_looks_like_one_of_the_domain_gets_no_link(by_domain, mailoutbox, email):
    with pytest.raises(Invalid):
        email_proofs.send(email)
    response = Client().post("/accounts/signup/", {"email": email})
    assert response.context["form"].errors["email"]
    assert not mailoutbox
