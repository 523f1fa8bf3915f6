"""An unread message is pushed once it is due; a read in time cancels the push."""

import pytest

from apps.accounts.actions import sessions
from apps.chats.actions import edits, groups
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.queries import notices
from apps.contacts.actions import contacts
from apps.notifications.actions import payloads
from apps.notifications.actions.fan_out import release_due
from apps.notifications.models import Delivery, Push, Subscription
from apps.notifications.notices import describe
from tests.chats.factories import write, write_many
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import in_touch, session_of

pytestmark = pytest.mark.django_db(transaction=True)


def read(user, chat, seq):
    move_positions(user.id, [Receipt(chat, read=seq)])


def test_an_unread_message_is_pushed_when_due_and_not_before(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat, "are you there?")
    assert deliver() == 0
    assert phone.received == []
    make_due()
    assert deliver() == 1
    [payload] = phone.payloads
    assert payload == {
        "kind": "show",
        "chat": str(chat),
        "seq": 1,
        "count": 1,
        "title": "Alice Ärmel",
        "body": "are you there?",
        "last": 1,
    }
    assert states(bob) == [("sent", "all", 1, 1)]
    assert deliver() == 0


def test_a_read_in_time_cancels_the_push(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat)
    read(bob, chat, 1)
    make_due()
    assert deliver() == 0
    assert phone.received == []
    assert states(bob) == [("cancelled", "all", 1, 1)]


def test_sending_a_message_counts_as_reading(alice, bob, chat, device):
    device(bob)
    write(alice, chat)
    write(bob, chat)
    make_due()
    assert deliver() == 0
    assert states(bob) == [("cancelled", "all", 1, 1)]


def test_a_message_in_a_visible_chat_is_not_pushed(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat)
    move_positions(bob.id, [Receipt(chat, delivered=1)])
    assert states(bob) == [("pending", "all", 1, 1)]
    move_positions(bob.id, [Receipt(chat, delivered=1)], visible=True)
    assert states(bob) == [("cancelled", "visible", 1, 1)]
    write(alice, chat)
    make_due()
    deliver()
    [payload] = phone.payloads
    assert payload["count"] == 2


def test_a_partly_read_run_is_due_with_its_last_message(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat, "one")
    write(alice, chat, "two")
    read(bob, chat, 1)
    [push] = Push.objects.filter(user_id=bob.id)
    assert push.due_at == push.newest_due_at
    make_due()
    deliver()
    [payload] = phone.payloads
    assert (payload["seq"], payload["count"], payload["body"]) == (2, 1, "two")


def test_ten_messages_make_one_notification_with_their_count(alice, bob, chat, device):
    phone = device(bob)
    write_many(alice, chat, 5)
    write_many(alice, chat, 5)
    assert len(states(bob)) == 1
    make_due()
    assert deliver() == 1
    [payload] = phone.payloads
    assert (payload["seq"], payload["count"], payload["body"]) == (1, 10, "5")


def test_counting_unread_messages_stops_at_the_limit(alice, bob, chat, device, monkeypatch):
    phone = device(bob)
    monkeypatch.setattr(notices, "MAX_COUNTED", 3)
    write_many(alice, chat, 5)
    make_due()
    deliver()
    [payload] = phone.payloads
    assert (payload["seq"], payload["count"], payload["body"]) == (1, 3, "5")


def test_the_notice_for_several_devices_is_made_once(alice, bob, chat, device, monkeypatch):
    phones = [device(bob) for _ in range(3)]
    made = []
    monkeypatch.setattr(
        payloads, "describe", lambda *run, **of: made.append(run) or describe(*run, **of)
    )
    write(alice, chat, "hello")
    make_due()
    assert deliver() == 3
    assert [phone.payloads[0]["body"] for phone in phones] == ["hello"] * 3
    assert len(made) == 1


def test_a_second_push_updates_the_notification_silently(alice, bob, chat, device):
    phone = device(bob)
    for text in ("one", "two"):
        write(alice, chat, text)
        make_due()
        deliver()
    first, second = phone.received
    assert first.headers["Topic"] == second.headers["Topic"]
    assert "silent" not in first.payload
    assert (second.payload["count"], second.payload["silent"]) == (2, True)


def test_a_delayed_push_says_its_own_messages_not_those_of_the_next_one(alice, bob, chat, device):
    phone = device(bob)
    for text in ("one", "two"):
        write(alice, chat, text)
        make_due()
        assert release_due() == 1
    assert deliver() == 2
    assert [(each["body"], each["last"]) for each in phone.payloads] == [("one", 1), ("two", 2)]


def test_every_device_is_notified_and_a_read_clears_them_all(alice, bob, chat, device):
    phone, laptop = device(bob), device(bob)
    write(alice, chat)
    make_due()
    assert deliver() == 2
    read(bob, chat, 1)
    assert deliver() == 2
    for each in (phone, laptop):
        shown, cleared = each.payloads
        assert shown["kind"] == "show"
        assert cleared == {"kind": "clear", "chat": str(chat)}
    read(bob, chat, 1)
    assert deliver() == 0


def test_only_the_recipient_is_notified(alice, bob, charlie, chat, device):
    devices = {user.username: device(user) for user in (alice, bob, charlie)}
    write(alice, chat)
    make_due()
    deliver()
    assert [name for name, each in devices.items() if each.received] == ["bob"]


def test_push_hosts_cannot_tell_who_shares_a_chat(alice, bob, charlie, device):
    in_touch(alice, bob)
    in_touch(alice, charlie)
    group = groups.create_group(alice.id, "Garden", [bob.id, charlie.id])
    phone, laptop, other = device(bob), device(bob), device(charlie)
    write(alice, group)
    make_due()
    deliver()
    [mine, mine_too, another] = [
        {push.headers["Topic"] for push in each.received} for each in (phone, laptop, other)
    ]
    assert mine == mine_too
    assert not mine & another


def test_a_push_of_a_group_names_the_group_and_the_sender(alice, bob, charlie, device):
    in_touch(alice, bob)
    in_touch(alice, charlie)
    group = groups.create_group(alice.id, "Garden", [bob.id, charlie.id])
    phone = device(charlie)
    write(bob, group, "it\n\nrains")
    make_due()
    deliver()
    [payload] = phone.payloads
    assert (payload["title"], payload["body"]) == ("Garden", "Bob: it rains")


def test_a_person_who_has_left_the_group_is_not_notified(alice, bob, device):
    in_touch(alice, bob)
    group = groups.create_group(alice.id, "Garden", [bob.id])
    phone = device(bob)
    write(alice, group, "secret")
    groups.remove_member(alice.id, group, person=bob.id)
    make_due()
    deliver()
    assert phone.received == []
    [(state, reason, *_)] = states(bob)
    assert (state, reason) == ("cancelled", "nothing_left")


def test_a_deleted_message_is_not_pushed(alice, bob, chat, device):
    phone = device(bob)
    sent = write(alice, chat, "oops")
    edits.delete_message(alice.id, chat, seq=sent.seq)
    make_due()
    deliver()
    assert phone.received == []
    assert [state for state, *_ in states(bob)] == ["cancelled"]


def test_a_device_is_deleted_with_its_session(alice, bob, chat, device):
    key = session_of(bob)
    phone = device(bob, session=key)
    write(alice, chat)
    sessions.end(key)
    make_due()
    deliver()
    assert phone.received == []
    assert not Subscription.objects.exists()
    assert states(bob) == [("failed", "no_device", 1, 1)]


def test_signing_out_everywhere_keeps_the_ledger(alice, bob, chat, device):
    device(bob)
    write(alice, chat)
    make_due()
    deliver()
    sessions.sign_out_everywhere(bob.id)
    [delivery] = Delivery.objects.all()
    assert (delivery.subscription_id, delivery.device, delivery.state) == (None, "Firefox", "sent")


def test_a_blocked_person_causes_no_push(alice, bob, chat, device):
    phone = device(bob)
    contacts.block(bob.id, alice.id)
    with pytest.raises(Exception, match="not in touch"):
        write(alice, chat)
    make_due()
    assert deliver() == 0
    assert phone.received == []
