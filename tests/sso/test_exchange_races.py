"""Exchanges that meet: with the same token, and with the closing of the account."""

import pytest

from apps.accounts.actions import accounts
from apps.accounts.models import Session, User
from apps.sso.actions.exchange import exchange
from apps.sso.errors import SignInFailed
from apps.sso.models import Identity, ProviderSession
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(token):
    """Whether a token signs an app in."""

    def run():
        try:
            return bool(exchange(token, name="", locale="en"))
        except SignInFailed:
            return False

    return run


def test_a_token_that_is_exchanged_twice_at_once_makes_one_device_and_one_account(idp):
    token = idp.access_token()
    assert sorted(together(*[outcome(token)] * 4)) == [False, False, False, True]
    assert Session.objects.get().origin == ProviderSession.objects.get().id
    assert User.objects.count() == Identity.objects.count() == 1


def test_no_app_outlives_an_account_that_is_closed_at_the_same_time(idp):
    assert outcome(idp.access_token())()
    user = User.objects.get()
    together(lambda: accounts.deactivate(user.id), outcome(idp.access_token()))
    assert not Session.objects.exists()
    assert not ProviderSession.objects.exists()
