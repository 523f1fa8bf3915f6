"""One notification of a chat on a device: what takes its place, and what takes it away."""

import pytest

from apps.chats.actions.receipts import Move, move_positions
from apps.notifications.actions.releasing import release_due
from apps.notifications.models import Delivery, Push
from tests.chats.talk import write, write_many
from tests.notifications.ledger import deliver, make_due, states

pytestmark = pytest.mark.django_db(transaction=True)


def read(user, chat, seq):
    move_positions(user.id, [Move(chat, read=seq)])


def kinds(phone):
    return [one["kind"] for one in phone.payloads]


def still_open():
    rows = Push.objects.filter(open=True).order_by("first_seq")
    return list(rows.values_list("first_seq", "last_seq"))


def test_a_read_of_many_pushes_clears_each_device_once(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    for _ in range(3):
        write(alice, chat)
        make_due()
        deliver()
    # As of before later notifications took the place of earlier ones.
    Push.objects.update(open=True)
    read(bob, chat, 3)
    assert Delivery.objects.filter(kind="clear").count() == 2
    assert deliver() == 2
    for each in (phone, laptop):
        assert kinds(each) == ["show", "show", "show", "clear"]


def test_a_later_notification_takes_the_place_of_the_earlier(alice, bob, chat, device):
    phone = device(bob)
    for _ in range(3):
        write(alice, chat)
        make_due()
        deliver()
    assert still_open() == [(3, 3)]
    assert [state for state, *_ in states(bob)] == ["sent", "sent", "sent"]
    read(bob, chat, 3)
    deliver()
    assert kinds(phone) == ["show", "show", "show", "clear"]


def test_an_earlier_one_that_a_device_still_shows_is_cleared_there(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    write(alice, chat)
    make_due()
    deliver()
    laptop.answer = 400
    write(alice, chat)
    make_due()
    deliver()
    assert still_open() == [(1, 1), (2, 2)]
    laptop.answer = 201
    read(bob, chat, 2)
    deliver()
    assert kinds(phone) == ["show", "show", "clear"]
    assert kinds(laptop) == ["show", "clear"]
