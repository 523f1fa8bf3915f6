"""Opening a direct chat: two people have one, no matter who opens it."""

from functools import partial

import pytest

from apps.accounts.models import Stream
from apps.chats.actions.direct import open_direct
from apps.chats.models import Chat, Member
from apps.contacts.actions import contacts
from apps.core.errors import NotContacts
from apps.core.identifiers import new_id
from apps.wire.publish import JoinChat
from tests.support.events import sink
from tests.support.people import direct_chat, in_touch, person
from tests.support.threads import together


def test_a_new_chat_is_published_to_both_people_as_each_sees_it(alice, bob, captured_events):
    in_touch(alice, bob)
    with captured_events() as events:
        chat = open_direct(alice.id, bob.id)
    told = {item.to: item for item in events}
    assert told.keys() == {alice.id, bob.id}
    assert told[alice.id].event.chat.person.id == bob.id
    assert told[bob.id].event.chat.person.id == alice.id
    for person_id, item in told.items():
        assert (item.stream, item.rev, item.follows) == ("person", item.rev, item.rev - 1)
        assert item.effect == JoinChat(chat=chat, rev=0)
        assert Stream.objects.get(user=person_id).rev == item.rev


def test_opening_again_returns_the_same_chat_and_publishes_nothing(
    alice, bob, chat, captured_events
):
    with captured_events() as events:
        assert open_direct(alice.id, bob.id) == open_direct(bob.id, alice.id) == chat
    assert events == []


def test_people_without_contact_cannot_open_a_chat(alice, charlie, captured_events):
    with captured_events() as events:
        for one, other in ((alice.id, charlie.id), (charlie.id, alice.id), (alice.id, new_id())):
            with pytest.raises(NotContacts):
                open_direct(one, other)
        with pytest.raises(NotContacts):
            open_direct(alice.id, alice.id)
    assert events == []
    assert not Chat.objects.exists()


def test_an_invitation_is_not_a_contact(alice, bob):
    contacts.invite(alice.id, bob.id)
    with pytest.raises(NotContacts):
        open_direct(alice.id, bob.id)


def test_neither_side_of_a_block_can_open_a_chat(alice, dana):
    in_touch(alice, dana)
    contacts.block(alice.id, dana.id)
    for one, other in ((alice, dana), (dana, alice)):
        with pytest.raises(NotContacts):
            open_direct(one.id, other.id)


def test_an_existing_chat_can_be_opened_after_the_contact_has_ended(alice, bob, chat):
    contacts.remove(alice.id, bob.id)
    assert open_direct(bob.id, alice.id) == chat


@pytest.mark.django_db(transaction=True)
def test_simultaneous_opening_from_both_sides_creates_one_chat():
    for attempt in range(20):
        one, other = person(f"one{attempt}"), person(f"other{attempt}")
        in_touch(one, other)
        before = {user.id: Stream.objects.get(user=user).rev for user in (one, other)}
        with sink() as events:
            answers = together(
                *(partial(open_direct, *pair) for pair in [(one.id, other.id)] * 2),
                *(partial(open_direct, *pair) for pair in [(other.id, one.id)] * 2),
            )
        assert len(set(answers)) == 1
        [chat] = set(answers)
        assert Member.objects.filter(chat=chat).count() == 2
        assert sorted(item.to for item in events) == sorted([one.id, other.id])
        for user in (one, other):
            # The later calls used up no revision.
            assert Stream.objects.get(user=user).rev == before[user.id] + 1


@pytest.mark.django_db(transaction=True)
def test_opening_chats_in_a_circle_never_deadlocks():
    circle = [person(f"p{number}") for number in range(4)]
    pairs = [(one, other) for one in circle for other in circle if one.id < other.id]
    for one, other in pairs:
        in_touch(one, other)
    calls = [partial(open_direct, one.id, other.id) for one, other in pairs]
    calls += [partial(open_direct, other.id, one.id) for one, other in pairs]
    assert len(set(together(*calls))) == len(pairs)


def test_different_contacts_have_different_chats(alice, bob, charlie, chat):
    assert direct_chat(alice, charlie) != chat
