"""What a suspension that ends must not open: an account whose deletion has begun."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts, deletions, erasing, suspensions
from apps.accounts.actions.access import Way
from apps.accounts.models import Deletion, Suspension, User
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from tests.support.threads import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
OPERATOR = By(None, Door.COMMAND)


def is_open(user):
    return User.objects.get(id=user.id).is_active


def begin_deletion(user, monkeypatch):
    """Begin it with a worker that dies after it has closed the account."""

    def killed(user_id):
        raise ValueError("killed")

    deletions.start(user.id, at_once=True)
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erasures", lambda: [killed])
        erasing.erase_due()
    assert Deletion.objects.get(user=user).ending_id


@pytest.mark.parametrize("end", ["lifted", "over"])
def test_an_account_whose_deletion_has_begun_stays_closed(alice, monkeypatch, end):
    until = timezone.now() + timedelta(hours=1)
    people.suspend(OPERATOR, alice.id, until=until, reason="Insults")
    begin_deletion(alice, monkeypatch)
    if end == "lifted":
        people.lift(OPERATOR, alice.id, reason="A mistake")
    else:
        Suspension.objects.update(until=timezone.now())
        people.lift_expired()
    assert not Suspension.objects.exists()
    assert not is_open(alice)


@pytest.mark.parametrize("opening", [suspensions.end, accounts.activate])
def test_an_account_is_not_opened_while_its_deletion_begins(alice, opening):
    """It is closed already, by a suspension or by an administrator."""
    if opening is suspensions.end:
        suspensions.begin(alice.id, until=None, reason="Insults")
    else:
        accounts.deactivate(alice.id, way=Way.ADMINISTRATOR)
    deletions.start(alice.id, at_once=True)
    [row] = erasing.claim(Deletion.objects.all(), limit=1, lease=erasing.LEASE)
    meanwhile(partial(erasing._close, row), partial(opening, alice.id))
    assert not is_open(alice)
