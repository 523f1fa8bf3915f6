"""Registering an account over the API, by the rules of the page."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.support.apps import post
from tests.support.people import PASSWORD, signed_in


@pytest.fixture(autouse=True)
def _no_limits(db):
    cache.clear()


def sign_up(username="bob", **more):
    return post("accounts", {"username": username, "password": PASSWORD, **more})


def test_an_account_is_registered_and_signs_in():
    answer = sign_up("Bob", name="Bob B.")
    assert answer.status_code == 201
    user = User.objects.get()
    assert answer.json() == {"id": str(user.id), "username": "bob"}
    assert not answer.cookies
    assert user.name == "Bob B."
    assert (user.is_staff, user.email) == (False, None)
    assert post("tokens", {"username": "bob", "password": PASSWORD}).status_code == 201


def test_an_email_belongs_to_the_account_once_its_link_was_followed(mailoutbox):
    assert sign_up(email="Bob@Example.org", locale="de").status_code == 201
    assert User.objects.get().email is None
    [mail] = mailoutbox
    assert (mail.to, "bestätig" in mail.body) == (["bob@example.org"], True)
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", mail.body)[1]
    signed_in(User.objects.get()).post(link)
    assert User.objects.get().email == "bob@example.org"


def test_an_email_of_another_account_gets_the_response_of_a_free_one(mailoutbox):
    register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)
    answers = [sign_up("bob", email="alice@example.org"), sign_up("carl", email="c@example.org")]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [sorted(answer.json()) for answer in answers] == [["id", "username"]] * 2
    assert len(mailoutbox) == 2
    assert EmailAddress.objects.get(email="alice@example.org", verified=True).user.email
    assert User.objects.get(username="bob").email is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "a b"),
        ("username", "alice"),
        ("username", "ALICE"),
        ("password", "short"),
        ("password", "1029384756"),
        ("email", "nobody"),
        ("name", "a\nb"),
        ("locale", "xx"),
    ],
)
def test_what_is_wrong_is_pointed_at(field, value):
    register("alice", password=PASSWORD)
    answer = sign_up(**{field: value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"#/{field}")
    assert User.objects.count() == 1


@pytest.mark.parametrize(("setting", "value"), [("REGISTRATION", "off"), ("LOCAL_ACCOUNTS", False)])
def test_a_closed_registration_registers_nobody(settings, setting, value):
    setattr(settings, setting, value)
    assert sign_up().status_code == 404
    assert not User.objects.exists()


def test_an_address_has_the_limit_of_the_page():
    for number in range(20):
        assert sign_up(f"bob{number}", password="x").status_code == 400
    answer = sign_up()
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert "Retry-After" in answer.headers
    assert Client().post("/accounts/signup/", {"username": "bob"}).status_code == 429


def test_nobody_registers_as_staff():
    assert sign_up(is_staff=True).status_code == 400
