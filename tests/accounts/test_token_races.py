"""Calls that meet: refreshes, tickets and endings of the same app."""

import pytest

from apps.accounts.actions import accounts, app_tokens, devices, tickets
from apps.accounts.models import Session
from apps.accounts.tokens import RefreshToken, read
from apps.core.errors import NotFound, SignedOut
from tests.support.apps import use_ticket
from tests.support.people import person
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def someone(db):
    return person("someone")


def test_refreshes_that_meet_get_the_same_successor(someone):
    token = app_tokens.begin(someone.id).refresh
    found = together(*[lambda: app_tokens.refresh(token)] * 4)
    assert len({read(RefreshToken, each.refresh).refresh_id for each in found}) == 1
    assert app_tokens.refresh(found[0].refresh).device == found[0].device


def test_a_ticket_that_is_used_twice_at_once_opens_one_connection(someone):
    device = app_tokens.begin(someone.id).device
    ticket = tickets.issue(someone.id, session_key=f"app:{device.hex}")
    found = together(*[lambda: use_ticket(ticket)] * 4)
    assert sorted(each is not None for each in found) == [False, False, False, True]


@pytest.mark.parametrize("repeat", range(5))
def test_a_refresh_does_not_bring_back_an_app_that_is_being_ended(someone, repeat):
    begun = app_tokens.begin(someone.id)
    _, refreshed = together(
        lambda: devices.end(someone.id, begun.device), lambda: app_tokens.refresh(begun.refresh)
    )
    assert not Session.objects.exists()
    if not isinstance(refreshed, SignedOut):
        with pytest.raises(SignedOut):
            app_tokens.refresh(refreshed.refresh)


@pytest.mark.parametrize("repeat", range(5))
def test_nobody_is_signed_in_to_an_account_that_is_being_closed(someone, repeat):
    _, begun = together(
        lambda: accounts.deactivate(someone.id), lambda: app_tokens.begin(someone.id)
    )
    assert not Session.objects.exists()
    assert isinstance(begun, NotFound | app_tokens.Tokens)
