"""A notification stops showing a message that is deleted or hidden, and shows an edited text."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from apps.chats.actions import edits, hiding
from apps.chats.actions.receipts import Receipt, move_positions
from apps.notifications.actions.fan_out import release_due
from apps.notifications.actions.renew_on_change import MOST_AT_ONCE
from apps.notifications.models import Delivery, Push, Subscription
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.threads import in_thread
from tests.support.uploads import stored_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def show(sender, chat, *texts):
    """Send messages, and one push for all of them. Returns the last seq."""
    for text in texts:
        seq = write(sender, chat, text).seq
    make_due()
    deliver()
    return seq


def delete(alice, chat, seq):
    edits.delete_message(alice.id, chat, seq=seq)


def hide(alice, chat, seq):
    hiding.hide_message(chat, seq)


taken_away = pytest.mark.parametrize("take_away", [delete, hide])


@taken_away
def test_the_only_message_is_cleared_on_all_devices(alice, bob, chat, device, take_away):
    phone, laptop = device(bob), device(bob)
    seq = show(alice, chat, "secret")
    take_away(alice, chat, seq)
    assert deliver() == 2
    for each in (phone, laptop):
        assert [one["kind"] for one in each.payloads] == ["show", "clear"]
    assert [state for state, *_ in states(bob)] == ["sent"]


@taken_away
def test_what_is_left_is_shown_without_a_sound(alice, bob, chat, device, take_away):
    phone = device(bob)
    seq = show(alice, chat, "first", "secret")
    take_away(alice, chat, seq)
    deliver()
    first, renewed = phone.payloads
    assert (first["body"], first["count"], first.get("silent", False)) == ("secret", 2, False)
    assert (renewed["kind"], renewed["body"], renewed["count"]) == ("show", "first", 1)
    assert renewed["silent"]
    assert (first["last"], renewed["last"], renewed["renew"]) == (seq, seq, True)
    # A read clears it as it would have cleared the first one.
    move_positions(bob.id, [Receipt(chat, read=seq)])
    deliver()
    assert [one["kind"] for one in phone.payloads] == ["show", "show", "clear"]


def test_a_picture_is_no_longer_shown(alice, bob, chat, device):
    phone = device(bob)
    show(alice, chat, "words")
    seq = write(alice, chat, files=[stored_picture(alice)]).seq
    make_due()
    deliver()
    assert "picture" in phone.payloads[-1]
    delete(alice, chat, seq)
    deliver()
    renewed = phone.payloads[-1]
    assert (renewed["body"], renewed["count"]) == ("words", 1), "of the push before"
    assert "picture" not in renewed


def test_a_message_that_was_read_or_never_shown_renews_nothing(alice, bob, chat, device):
    device(bob)
    seq = show(alice, chat, "seen")
    move_positions(bob.id, [Receipt(chat, read=seq)])
    waiting = write(alice, chat, "not yet shown").seq
    delete(alice, chat, seq)
    delete(alice, chat, waiting)
    assert not Delivery.objects.filter(kind="renew").exists()


def test_many_deletions_are_one_renewal(alice, bob, chat, device):
    phone = device(bob)
    last = show(alice, chat, *"abcd")
    for seq in range(last - 2, last + 1):
        delete(alice, chat, seq)
    assert Delivery.objects.filter(kind="renew").count() == 1
    deliver()
    assert phone.payloads[-1]["body"] == "a"


def test_a_message_that_is_edited_again_and_again_is_renewed_once_a_minute(
    alice, bob, chat, device
):
    phone = device(bob)
    seq = show(alice, chat, "draft")
    for number in range(MOST_AT_ONCE + 2):
        edit(alice, chat, seq, f"draft {number}")
        deliver()
    assert len(phone.payloads) == 1 + MOST_AT_ONCE
    make_due()
    deliver()
    assert phone.payloads[-1]["body"] == f"draft {MOST_AT_ONCE + 1}", "the newest, in the end"


def test_a_push_that_is_being_sent_is_renewed_after_it(alice, bob, chat, device):
    """The text was read before the deletion; the device gets it afterwards."""
    phone = device(bob)

    def respond(page):
        phone.answer = 201
        in_thread(lambda: delete(alice, chat, 1))
        page.say(b"", status=201)

    phone.answer = respond
    write(alice, chat, "secret")
    make_due()
    deliver()
    assert [one.payload["kind"] for one in phone.received] == ["show", "clear"]


@pytest.mark.parametrize("change", ["delete", "edit"])
def test_a_push_that_is_due_is_not_made_during_the_change(alice, bob, chat, device, change):
    """A worker that runs before the commit skips the push; after it, it carries what is left."""
    phone = device(bob)
    seq = write(alice, chat, "secret").seq
    make_due()
    release_due()
    with transaction.atomic(), ThreadPoolExecutor(1) as worker:
        if change == "edit":
            edit(alice, chat, seq, "harmless")
        else:
            delete(alice, chat, seq)
        assert worker.submit(in_thread, deliver).result(30) == 0
    deliver()
    assert [one["body"] for one in phone.payloads] == ["harmless"] * (change == "edit")


def test_a_read_ends_a_renewal_that_waits(alice, bob, chat, device):
    phone = device(bob)
    seq = show(alice, chat, "first", "secret")
    delete(alice, chat, seq)
    move_positions(bob.id, [Receipt(chat, read=seq)])
    deliver()
    assert [one["kind"] for one in phone.payloads] == ["show", "clear"]
    assert Delivery.objects.get(kind="renew").state == "cancelled"
    assert not Push.objects.filter(open=True).exists()


def test_devices_that_must_show_something_say_that_it_was_deleted(alice, bob, chat, device):
    phone = device(bob)
    bob.locale = "de"
    bob.save()
    seq = show(alice, chat, "secret")
    Subscription.objects.update(host="web.push.apple.com")
    delete(alice, chat, seq)
    deliver()
    shown, renewed = phone.payloads
    assert renewed == {
        "kind": "show",
        "chat": shown["chat"],
        "title": "Parley",
        "body": "Nachricht gelöscht",
        "silent": True,
    }
    assert Delivery.objects.get(kind="renew").state == "sent"


def edit(alice, chat, seq, text):
    edits.edit_message(alice.id, chat, seq=seq, text=text)


def test_an_edited_message_is_shown_with_its_new_text_without_a_sound(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    seq = show(alice, chat, "first", "at nien")
    edit(alice, chat, seq, "at nine")
    assert deliver() == 2
    for each in (phone, laptop):
        renewed = each.payloads[-1]
        assert (renewed["kind"], renewed["body"], renewed["count"]) == ("show", "at nine", 2)
        assert renewed["silent"]
    # A read clears it as it would have cleared the first one.
    move_positions(bob.id, [Receipt(chat, read=seq)])
    deliver()
    assert [one["kind"] for one in phone.payloads] == ["show", "show", "clear"]


def test_a_push_that_waits_carries_the_edited_text(alice, bob, chat, device):
    phone = device(bob)
    seq = write(alice, chat, "at nien").seq
    edit(alice, chat, seq, "at nine")
    make_due()
    deliver()
    assert [(one["kind"], one["body"]) for one in phone.payloads] == [("show", "at nine")]


def test_a_push_that_waits_is_not_sent_once_its_message_is_deleted(alice, bob, chat, device):
    phone = device(bob)
    seq = write(alice, chat, "secret").seq
    delete(alice, chat, seq)
    make_due()
    deliver()
    assert phone.payloads == []
    assert [state for state, *_ in states(bob)] == ["cancelled"]


def test_an_edit_of_a_message_that_no_notification_shows_renews_nothing(alice, bob, chat, device):
    device(bob)
    seq = show(alice, chat, "first", "second")
    edit(alice, chat, seq - 1, "the first")
    move_positions(bob.id, [Receipt(chat, read=seq)])
    edit(alice, chat, seq, "the second")
    assert not Delivery.objects.filter(kind="renew").exists()


def test_an_outsider_learns_nothing_of_an_edit(alice, bob, charlie, chat, device):
    """Charlie, who is not in the chat, gets no push; Bob does."""
    phone, others = device(bob), device(charlie)
    seq = show(alice, chat, "at nien")
    edit(alice, chat, seq, "at nine")
    deliver()
    assert len(phone.payloads) == 2
    assert others.payloads == []
