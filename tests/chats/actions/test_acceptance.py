"""Two people become contacts: their chat opens on both sides, with the inviter's greeting."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions import slowdowns
from apps.chats.actions import edits
from apps.chats.models import Chat, Message
from apps.chats.queries import chat_list
from apps.contacts.actions import contacts
from apps.contacts.models import Contact
from apps.contacts.queries.contacts import list_for
from apps.core.errors import Empty, Greeted, Invalid, NotFound, NotPossible, Slowed, TooLong
from apps.wire.events import ChatChanged, ContactChanged
from tests.support.people import direct_chat, in_touch


def entries(chat):
    """Who said what, in the timeline's order."""
    return [
        *Message.objects.filter(chat_id=chat)
        .order_by("seq")
        .values_list("sender_id", "kind", "text")
    ]


def slow(person):
    """Moderators let the person write once a minute."""
    until = timezone.now() + timedelta(hours=1)
    slowdowns.begin(person.id, interval_s=60, until=until, reason="Spam")


def accept(alice, bob, greeting=""):
    """Alice invites Bob, who accepts. Returns their chat."""
    contacts.invite(alice.id, bob.id)
    if greeting:
        contacts.greet(alice.id, bob.id, greeting)
    contacts.accept(bob.id, alice.id)
    return Chat.objects.get(kind="direct").id


def test_the_chat_begins_with_the_greeting_and_waits_for_the_inviter(alice, bob, captured_events):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, " We met at the ferry.\nDo you remember? ")
    with captured_events() as events:
        contacts.accept(bob.id, alice.id)
    chat = Chat.objects.get(kind="direct").id
    greeting = "We met at the ferry.\nDo you remember?"
    assert entries(chat) == [(alice.id, "text", greeting), (bob.id, "accepted", "")]
    read = {person.id: chat_list.by_ids(person.id, [chat])[0].read_seq for person in (alice, bob)}
    assert read == {alice.id: 1, bob.id: 2}
    told = [type(item.event) for item in events if item.to in (alice.id, bob.id)]
    assert told == [ContactChanged, ContactChanged, ChatChanged, ChatChanged]
    assert not Contact.objects.exclude(greeting="").exists()


def test_without_a_greeting_the_chat_says_that_the_invitation_was_accepted(alice, bob):
    assert entries(accept(alice, bob)) == [(bob.id, "accepted", "")]


def test_crossing_invitations_open_the_chat_too(alice, bob):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "Hello")
    contacts.invite(bob.id, alice.id)
    chat = Chat.objects.get(kind="direct").id
    assert entries(chat) == [(alice.id, "text", "Hello"), (bob.id, "accepted", "")]


def test_people_who_were_in_touch_before_go_on_in_their_chat(alice, bob):
    chat = direct_chat(alice, bob)
    contacts.remove(bob.id, alice.id)
    assert accept(alice, bob, "Me again") == chat
    assert entries(chat) == [(alice.id, "text", "Me again"), (bob.id, "accepted", "")]


def test_the_greeting_is_a_message_like_any_other(alice, bob):
    chat = accept(alice, bob, "Helo")
    edits.edit_message(alice.id, chat, seq=1, text="Hello")
    assert entries(chat)[0] == (alice.id, "text", "Hello")


def test_both_sides_see_the_greeting_while_the_invitation_waits(alice, bob, captured_events):
    contacts.invite(alice.id, bob.id)
    with captured_events() as events:
        contacts.greet(alice.id, bob.id, "Hello")
        contacts.greet(alice.id, bob.id, "Hello")  # a retry
    assert [(item.to, item.event.contact.greeting) for item in events] == [
        (alice.id, "Hello"),
        (bob.id, "Hello"),
    ]
    for person in (alice, bob):
        assert [one.greeting for one in list_for(person.id)] == ["Hello"]


@pytest.mark.parametrize("verb", ["decline", "block"])
def test_a_refused_greeting_is_gone(alice, bob, verb):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "Hello")
    getattr(contacts, verb)(bob.id, alice.id)
    assert not Contact.objects.exclude(greeting="").exists()
    assert not Chat.objects.exists()


def test_an_invitation_says_something_once(alice, bob):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "Hello")
    with pytest.raises(NotPossible):
        contacts.greet(alice.id, bob.id, "Are you there?")


def test_without_a_waiting_invitation_nobody_is_greeted(alice, bob, dana):
    contacts.invite(bob.id, alice.id)
    contacts.block(dana.id, alice.id)
    for other in (bob, dana):
        with pytest.raises(NotPossible):
            contacts.greet(alice.id, other.id, "Hello")
    with pytest.raises(NotFound):
        contacts.greet(alice.id, alice.id.__class__(int=0), "Hello")
    assert not Contact.objects.exclude(greeting="").exists()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [(" \n", Empty), ("\u200b\u2800", Empty), ("x" * 501, TooLong), ("a\x00b", Invalid)],
)
def test_a_greeting_that_cannot_be_stored_is_refused(alice, bob, text, refusal):
    contacts.invite(alice.id, bob.id)
    with pytest.raises(refusal):
        contacts.greet(alice.id, bob.id, text)


@pytest.mark.parametrize("between", ["cancel", "decline"])
def test_another_invitation_on_the_same_day_says_nothing_new(alice, bob, between):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "Hello")
    who, other = (alice, bob) if between == "cancel" else (bob, alice)
    getattr(contacts, between)(who.id, other.id)
    contacts.invite(alice.id, bob.id)
    with pytest.raises(Greeted):
        contacts.greet(alice.id, bob.id, "Are you there?")
    Contact.objects.update(greeted_at=timezone.now() - timedelta(days=1))
    contacts.greet(alice.id, bob.id, "It is me again")


def test_a_slowed_person_says_nothing_with_an_invitation(alice, bob):
    contacts.invite(alice.id, bob.id)
    slow(alice)
    with pytest.raises(Slowed):
        contacts.greet(alice.id, bob.id, "Hello")


def test_what_the_inviter_may_send_now_is_nothing_to_who_accepts(alice, bob):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "Hello")
    slow(alice)
    contacts.accept(bob.id, alice.id)
    chat = Chat.objects.get(kind="direct").id
    assert entries(chat)[0] == (alice.id, "text", "Hello")


def test_an_answer_by_the_release_before_leaves_no_greeting_behind(alice, bob):
    in_touch(alice, bob)
    Contact.objects.update(greeting="Hello")
    assert [one.greeting for one in list_for(alice.id)] == [""]
