"""The ledger in the admin, and the deletion of old pushes."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.receipts import Receipt, move_positions
from apps.notifications.actions import results
from apps.notifications.actions.results import delete_old
from apps.notifications.models import Delivery, Push
from apps.notifications.queries import ledger_stats
from apps.notifications.queries.ledger_stats import totals
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import person, signed_in
from tests.support.statements import traffic

pytestmark = pytest.mark.django_db(transaction=True)
LEDGER = "/admin/notifications/push/"


@pytest.fixture
def ledger(alice, bob, chat, device):
    """One push cancelled in time, one sent and cleared, one parked, one that waits."""
    phone = device(bob)
    write(alice, chat)
    move_positions(bob.id, [Receipt(chat, read=1)])
    write(alice, chat)
    make_due()
    deliver()
    move_positions(bob.id, [Receipt(chat, read=2)])
    deliver()
    phone.answer = 400
    write(alice, chat, "very secret words")
    make_due()
    deliver()
    write(alice, chat)


def test_the_totals_are_those_of_the_ledger(ledger):
    counted = totals(timedelta(hours=1))
    assert (counted.cancelled, counted.sent, counted.failed, counted.pending) == (1, 1, 1, 1)
    assert (counted.cancelled_late, counted.skipped, counted.parked, counted.cleared) == (
        *(0, 0, 0),
        1,
    )


def test_the_totals_of_many_pushes_are_of_the_newest(ledger, monkeypatch):
    assert not totals(timedelta(hours=1)).newest_only
    monkeypatch.setattr(ledger_stats, "MAX_COUNTED", 2)
    counted = totals(timedelta(hours=1))
    assert counted.newest_only
    assert counted.cancelled + counted.sent + counted.failed + counted.pending == 2
    admin = person("root", is_staff=True, is_superuser=True)
    assert "only the newest" in signed_in(admin).get(LEDGER).content.decode()


def test_an_admin_sees_totals_and_no_message_text(ledger, bob):
    admin = person("root", is_staff=True, is_superuser=True)
    page = signed_in(admin).get(LEDGER).content.decode()
    for word in ("Cancelled in time", "Cancelled late", "bob", "refused"):
        assert word in page
    one = Push.objects.get(state="sent")
    alone = signed_in(admin).get(f"{LEDGER}{one.id}/change/").content.decode()
    assert "Firefox" in alone
    assert "very secret words" not in page + alone


@pytest.mark.parametrize("staff", [False, True])
def test_other_people_do_not_see_the_ledger(ledger, charlie, staff):
    charlie.is_staff = staff
    charlie.save()
    assert signed_in(charlie).get(LEDGER).status_code in (302, 403)


def test_pushes_older_than_the_limit_are_deleted(ledger, settings):
    before = Push.objects.count()
    long_ago = Now() - timedelta(days=settings.PUSH_LEDGER_DAYS + 1)
    Push.objects.update(created_at=long_ago, newest_due_at=long_ago)
    assert delete_old() == before - 1 > 0
    assert list(Push.objects.values_list("state", flat=True)) == ["pending"]
    assert not Delivery.objects.exists()


def test_an_old_run_that_was_extended_recently_is_kept(alice, bob, chat, device, settings):
    device(bob)
    set_chat_settings(bob.id, chat, ChatSettings(muted=True))
    write(alice, chat)
    long_ago = Now() - timedelta(days=settings.PUSH_LEDGER_DAYS + 1)
    Push.objects.update(created_at=long_ago, due_at=long_ago, newest_due_at=long_ago)
    write(alice, chat)
    assert states(bob) == [("skipped", "muted", 1, 2)]
    assert delete_old() == 0
    Push.objects.update(newest_due_at=long_ago)
    assert delete_old() == 1
    assert not Push.objects.exists()


def test_many_pushes_are_deleted_in_batches(ledger, settings, monkeypatch):
    monkeypatch.setattr(results, "DELETE_BATCH_SIZE", 2)
    long_ago = Now() - timedelta(days=settings.PUSH_LEDGER_DAYS + 1)
    Push.objects.update(created_at=long_ago, newest_due_at=long_ago)
    with traffic() as seen:
        assert delete_old() == 3
    assert seen.statements == 2 * 4, "two batches, each in a transaction of its own"
    assert list(Push.objects.values_list("state", flat=True)) == ["pending"]
    assert not Delivery.objects.exists()
