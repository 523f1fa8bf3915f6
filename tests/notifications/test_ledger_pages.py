"""What the ledger adds up to, in the admin; and how it is kept small."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from apps.chats.actions.receipts import Move, move_positions
from apps.notifications.actions.outcomes import forget
from apps.notifications.models import Delivery, Push
from apps.notifications.queries.figures import of_last
from tests.chats.talk import write
from tests.notifications.ledger import deliver, make_due
from tests.support.people import person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
LEDGER = "/admin/notifications/push/"


@pytest.fixture
def told(alice, bob, chat, device):
    """One push cancelled in time, one sent and cleared, one parked, one that waits."""
    phone = device(bob)
    write(alice, chat)
    move_positions(bob.id, [Move(chat, read=1)])
    write(alice, chat)
    make_due()
    deliver()
    move_positions(bob.id, [Move(chat, read=2)])
    deliver()
    phone.answer = 400
    write(alice, chat, "very secret words")
    make_due()
    deliver()
    write(alice, chat)


def test_the_figures_are_those_of_the_ledger(told):
    counted = of_last(timedelta(hours=1))
    assert (counted.cancelled, counted.sent, counted.failed, counted.pending) == (1, 1, 1, 1)
    assert (counted.cancelled_late, counted.skipped, counted.parked, counted.cleared) == (
        *(0, 0, 0),
        1,
    )


def test_a_moderator_sees_figures_and_no_words(told, bob):
    admin = person("root", is_staff=True, is_superuser=True)
    page = signed_in(admin).get(LEDGER).content.decode()
    for word in ("Cancelled in time", "Cancelled late", "bob", "refused"):
        assert word in page
    one = Push.objects.get(state="sent")
    alone = signed_in(admin).get(f"{LEDGER}{one.id}/change/").content.decode()
    assert "Firefox" in alone
    assert "very secret words" not in page + alone


@pytest.mark.parametrize("staff", [False, True])
def test_others_do_not_see_it(told, charlie, staff):
    charlie.is_staff = staff
    charlie.save()
    assert signed_in(charlie).get(LEDGER).status_code in (302, 403)


def test_what_is_older_than_it_is_kept_goes(told, settings):
    before = Push.objects.count()
    Push.objects.update(created_at=Now() - timedelta(days=settings.PUSH_LEDGER_DAYS + 1))
    assert forget() > 0
    assert before > 1
    assert list(Push.objects.values_list("state", flat=True)) == ["pending"]
    assert not Delivery.objects.exists()
