"""A device shows one notification per chat: what replaces it, and what clears it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.chats.actions.groups import create_group
from apps.chats.actions.receipts import Receipt, move_positions
from apps.notifications.actions.fan_out import release_due
from apps.notifications.models import Delivery, Push
from tests.chats.factories import write, write_many
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import direct_chat, in_touch
from tests.support.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def read(user, chat, seq):
    move_positions(user.id, [Receipt(chat, read=seq)])


def write_and_deliver(sender, chat):
    """Send a message and its pushes at once."""
    write(sender, chat)
    make_due()
    deliver()


def kinds(phone):
    return [one["kind"] for one in phone.payloads]


def still_open():
    rows = Push.objects.filter(open=True).order_by("first_seq")
    return list(rows.values_list("first_seq", "last_seq"))


def test_a_read_of_many_pushes_clears_each_device_once(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    for _ in range(3):
        write_and_deliver(alice, chat)
    # As if no notification had replaced an earlier one.
    Push.objects.update(open=True)
    read(bob, chat, 3)
    assert Delivery.objects.filter(kind="clear").count() == 2
    assert deliver() == 2
    for each in (phone, laptop):
        assert kinds(each) == ["show", "show", "show", "clear"]


def test_a_later_notification_replaces_the_earlier_one(alice, bob, chat, device):
    phone = device(bob)
    for _ in range(3):
        write_and_deliver(alice, chat)
    assert still_open() == [(3, 3)]
    assert [state for state, *_ in states(bob)] == ["sent", "sent", "sent"]
    read(bob, chat, 3)
    deliver()
    assert kinds(phone) == ["show", "show", "show", "clear"]


def test_a_notification_that_one_device_still_shows_is_cleared_there(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    write_and_deliver(alice, chat)
    laptop.answer = 400
    write_and_deliver(alice, chat)
    assert still_open() == [(1, 1), (2, 2)]
    laptop.answer = 201
    read(bob, chat, 2)
    deliver()
    assert kinds(phone) == ["show", "show", "clear"]
    assert kinds(laptop) == ["show", "clear"]


def test_a_late_clear_does_not_remove_a_newer_notification(alice, bob, chat, device):
    phone = device(bob)
    write_many(alice, chat, 5)
    make_due()
    deliver()
    phone.answer = 503
    read(bob, chat, 5)
    deliver()
    phone.answer = 201
    write_many(alice, chat, 3)
    make_due()
    Delivery.objects.filter(kind="clear").update(due_at=Now() + timedelta(hours=1))
    deliver()
    make_due()
    assert deliver() == 1
    assert kinds(phone) == ["show", "show"]
    assert Delivery.objects.get(kind="clear").state == "cancelled"
    read(bob, chat, 8)
    deliver()
    assert kinds(phone) == ["show", "show", "clear"]


def test_a_read_does_not_clear_a_later_push_that_is_being_sent(alice, bob, chat, device):
    phone = device(bob)
    for number in (5, 3):
        write_many(alice, chat, number)
        make_due()
        if number == 5:
            deliver()
    release_due()
    read(bob, chat, 5)
    deliver()
    assert kinds(phone) == ["show", "show"]
    assert (phone.payloads[1]["seq"], phone.payloads[1]["count"]) == (6, 3)


def test_a_clear_goes_to_the_device_that_the_later_push_never_reached(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    write_and_deliver(alice, chat)
    laptop.answer = 400
    write_and_deliver(alice, chat)
    laptop.answer = 201
    read(bob, chat, 1)
    deliver()
    assert kinds(phone) == ["show", "show"]
    assert kinds(laptop) == ["show", "clear"]


def test_a_late_push_shows_the_newest_message(alice, bob, chat, device):
    phone = device(bob)
    phone.answer = 503
    write(alice, chat, "old")
    make_due()
    deliver()
    phone.answer = 201
    Delivery.objects.update(due_at=Now() + timedelta(hours=1))
    write(alice, chat, "new")
    Push.objects.filter(state="pending").update(due_at=Now())
    deliver()
    make_due()
    deliver()
    assert [one["body"] for one in phone.payloads] == ["new", "new"]
    assert phone.payloads[1]["silent"]


def test_a_clear_waits_for_a_push_that_is_still_being_tried(alice, bob, chat, device):
    phone = device(bob)
    write_and_deliver(alice, chat)
    phone.answer = 503
    write_and_deliver(alice, chat)
    phone.answer = 201
    read(bob, chat, 1)
    deliver()
    assert kinds(phone) == ["show"]
    read(bob, chat, 2)
    make_due()
    deliver()
    assert kinds(phone) == ["show", "clear"]


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_read_and_visible_positions_lock_pushes_in_the_order_of_sends(alice, bob, device):
    device(bob)
    in_touch(alice, bob)
    chats = sorted(create_group(alice.id, name, [bob.id]) for name in ("one", "two"))
    first, last = chats
    seqs = {chat: write(alice, chat).seq for chat in chats}
    rows = Push.objects.select_for_update()
    with ThreadPoolExecutor() as threads:
        with transaction.atomic():
            assert rows.get(chat_id=first)
            moving = threads.submit(
                in_thread,
                lambda: move_positions(
                    bob.id,
                    [Receipt(first, delivered=seqs[first]), Receipt(last, read=seqs[last])],
                    visible=True,
                ),
            )
            while not waits_for_a_lock():
                assert not moving.done()
            # While it waits for the first row, it holds none of the later ones.
            assert rows.select_for_update(nowait=True).get(chat_id=last)
        moving.result()
    assert still_open() == []


def test_read_and_visible_messages_are_cancelled_with_different_reasons(
    alice, bob, charlie, device
):
    device(bob)
    shown, read_ = direct_chat(alice, bob), direct_chat(charlie, bob)
    write(alice, shown)
    write(charlie, read_)
    move_positions(
        bob.id, [Receipt(shown, delivered=1), Receipt(read_, read=1, delivered=1)], visible=True
    )
    rows = {row.chat_id: (row.state, row.reason) for row in Push.objects.all()}
    assert rows == {shown: ("cancelled", "visible"), read_: ("cancelled", "all")}
