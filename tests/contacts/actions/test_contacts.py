"""Invite, accept, decline, cancel, remove, block, unblock: states, events, queries."""

import pytest

from apps.accounts.actions.accounts import deactivate
from apps.accounts.models import Stream
from apps.contacts.actions import contacts as actions
from apps.contacts.actions.transitions import TRANSITIONS
from apps.contacts.models import Contact
from apps.contacts.queries import contacts
from apps.core.errors import NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.wire.events import ContactChanged
from apps.wire.publish import Watch
from tests.support.reading import stream_changes
from tests.support.statements import traffic

VERBS = ["invite", "accept", "decline", "cancel", "remove", "block", "unblock"]
# The actions that bring two people into each state: (actor, verb).
PATHS = {
    ("none", "none"): [],
    ("outgoing", "incoming"): [("owner", "invite")],
    ("incoming", "outgoing"): [("other", "invite")],
    ("contact", "contact"): [("owner", "invite"), ("other", "accept")],
    ("blocked", "none"): [("owner", "block")],
    ("none", "blocked"): [("other", "block")],
    ("blocked", "blocked"): [("owner", "block"), ("other", "block")],
}


def do(verb, owner, other):
    return getattr(actions, verb)(owner.id, other.id)


def bring(owner, other, pair):
    for whose, verb in PATHS[pair]:
        do(verb, *((owner, other) if whose == "owner" else (other, owner)))


def states(owner, other):
    rows = contacts.between(owner.id, other.id)
    return tuple(rows[p.id].state if p.id in rows else "none" for p in (owner, other))


def head(user):
    return Stream.objects.filter(user=user).values_list("rev", flat=True).first() or 0


def changes_of(events):
    """Of contacts. The direct chat is opened after them: tests/chats/actions/test_acceptance.py"""
    return [
        (item.to, item.rev, item.event.contact.state, item.effect)
        for item in events
        if isinstance(item.event, ContactChanged)
    ]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("pair", PATHS)
def test_every_action_from_every_state_follows_the_table(alice, bob, captured_events, verb, pair):
    bring(alice, bob, pair)
    assert states(alice, bob) == pair
    before = {alice.id: head(alice), bob.id: head(bob)}
    expected = TRANSITIONS.get((verb, pair))
    with captured_events() as events:
        if expected is None:
            with pytest.raises(
                NotFound
                if (verb, pair[1]) == ("invite", "blocked") and pair[0] == "none"
                else NotPossible
            ):
                do(verb, alice, bob)
            expected = pair
        else:
            assert do(verb, alice, bob).state == expected[0]
    assert states(alice, bob) == expected
    sides = [(alice, bob, 0), (bob, alice, 1)]
    assert changes_of(events) == [
        (
            who.id,
            before[who.id] + 1,
            expected[side],
            Watch(person=other.id, on=expected[side] == "contact"),
        )
        for who, other, side in sides
        if pair[side] != expected[side]
    ]
    opened = pair[0] != expected[0] == "contact"
    for who, _, side in sides:
        assert head(who) == before[who.id] + (pair[side] != expected[side]) + opened


def test_both_sides_and_nobody_else_get_an_event_with_the_other_person(
    alice, bob, charlie, captured_events
):
    with captured_events() as events:
        do("invite", alice, bob)
    assert [(item.to, item.event.contact.person.username) for item in events] == [
        (alice.id, "bob"),
        (bob.id, "alice"),
    ]
    assert contacts.list_for(charlie.id) == []


def test_every_revision_of_a_stream_is_in_a_row_of_its_person(alice, bob, charlie):
    for other in (bob, charlie):
        do("invite", alice, other)
        do("accept", other, alice)
        do("accept", other, alice)
        do("remove", alice, other)
    revs = Contact.objects.filter(owner=alice).values_list("owner_rev", flat=True)
    # The chat with Bob, and that with Charlie, have a revision each.
    assert max(revs) == head(alice) == 8


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_acts_on_themselves(alice, verb):
    with pytest.raises(NotPossible):
        do(verb, alice, alice)


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_person_and_a_closed_account_are_refused_alike(alice, bob, verb):
    deactivate(bob.id)
    refusals = []
    for person in (new_id(), bob.id):
        with pytest.raises(NotFound) as refused:
            getattr(actions, verb)(alice.id, person)
        refusals.append(refused.value.detail)
    assert refusals[0] == refusals[1]
    assert not Contact.objects.exists()


def test_a_blocked_person_gets_no_event_and_cannot_invite(alice, dana):
    do("invite", dana, alice)
    do("block", alice, dana)
    assert contacts.list_for(dana.id) == []
    with pytest.raises(NotFound):
        do("invite", dana, alice)
    with pytest.raises(NotPossible):
        do("accept", dana, alice)
    assert do("cancel", dana, alice).state == "none"


def test_after_an_unblock_an_invitation_is_possible_again(alice, dana):
    do("block", alice, dana)
    do("unblock", alice, dana)
    assert do("invite", dana, alice).state == "outgoing"


def test_an_action_costs_the_same_few_queries(alice, bob, django_assert_num_queries):
    # savepoint, locks of chat and members, lock, people, both rows, advance, write, release
    with django_assert_num_queries(9):
        do("invite", alice, bob)
    # savepoint, lock, people, both rows, advance, write, release
    with django_assert_num_queries(7):
        do("cancel", alice, bob)


def test_reading_contacts_costs_one_query(alice, bob, charlie, django_assert_num_queries):
    for other in (bob, charlie):
        do("invite", alice, other)
        do("accept", other, alice)
    with traffic() as sent:
        assert [each.person.username for each in contacts.list_for(alice.id)] == ["bob", "charlie"]
        assert set(contacts.contact_ids(alice.id)) == {bob.id, charlie.id}
        assert len(stream_changes(contacts, alice.id, 0)) == 2
    assert sent.statements == 3
    with django_assert_num_queries(1):
        assert contacts.are_contacts(alice.id, bob.id)
    assert not contacts.are_contacts(bob.id, charlie.id)
