"""Concurrent actions run one after the other: real threads, real commits."""

import pytest
from django.db import transaction

from apps.accounts.models import Stream
from apps.chats.models import Member
from apps.contacts.actions import contacts as actions
from apps.contacts.actions import profile
from apps.contacts.models import Contact
from apps.contacts.queries import contacts
from apps.core.errors import Refused
from tests.support.events import sink
from tests.support.people import person
from tests.support.reading import stream_changes
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def states(one, other):
    rows = contacts.between(one.id, other.id)
    return rows[one.id].state, rows[other.id].state


def check_revisions(*people):
    """Each stream's head is in a row of its person, and no two rows have the same revision."""
    for user in people:
        revs = list(Contact.objects.filter(owner=user).values_list("owner_rev", flat=True))
        revs += Member.objects.filter(user=user).values_list("person_rev", flat=True)
        assert len(set(revs)) == len(revs)
        assert max(revs) == Stream.objects.get(user=user).rev


def test_two_simultaneous_invitations_become_one_contact():
    for attempt in range(50):
        one, other = person(f"one{attempt}"), person(f"other{attempt}")
        with sink() as events:
            responses = together(
                lambda one=one, other=other: actions.invite(one.id, other.id),
                lambda one=one, other=other: actions.invite(other.id, one.id),
            )
        assert sorted(response.state for response in responses) == ["contact", "outgoing"]
        assert states(one, other) == ("contact", "contact")
        assert Contact.objects.filter(owner__in=[one, other]).count() == 2
        for user in (one, other):
            # Two of the contact, and then one of the direct chat.
            assert sorted(item.rev for item in events if item.to == user.id) == [1, 2, 3]
        check_revisions(one, other)


def test_a_concurrent_accept_and_cancel_leave_both_sides_consistent():
    outcomes = set()
    for attempt in range(25):
        one, other = person(f"one{attempt}"), person(f"other{attempt}")
        actions.invite(one.id, other.id)
        together(
            lambda one=one, other=other: actions.accept(other.id, one.id),
            lambda one=one, other=other: actions.cancel(one.id, other.id),
        )
        outcomes.add(states(one, other))
        check_revisions(one, other)
    assert outcomes <= {("contact", "contact"), ("none", "none")}


def test_circular_actions_never_deadlock():
    circle = [person(f"p{number}") for number in range(4)]
    calls = [
        lambda one=one, other=other: actions.invite(one.id, other.id)
        for one in circle
        for other in circle
        if one != other
    ]
    assert not [each for each in together(*calls[:8]) if isinstance(each, Refused)]


def test_a_new_name_reaches_a_contact_made_at_the_same_moment():
    for attempt in range(15):
        one, other = person(f"one{attempt}"), person(f"other{attempt}")
        together(
            lambda one=one, other=other: actions.invite(other.id, one.id),
            lambda one=one: profile.update(one.id, version=1, name="New"),
        )
        last = stream_changes(contacts, other.id, 0)[-1].event.contact
        assert last.person.name == "New"


def test_of_two_concurrent_profile_changes_one_is_a_conflict():
    user = person("alice")
    responses = together(
        lambda: profile.update(user.id, version=1, name="One"),
        lambda: profile.update(user.id, version=1, name="Two"),
    )
    assert sorted(getattr(each, "code", "done") for each in responses) == ["conflict", "done"]
    user.refresh_from_db()
    assert (user.version, user.stream_rev, Stream.objects.get(user=user).rev) == (2, 1, 1)


def test_a_rolled_back_action_publishes_nothing():
    one, other = person("alice"), person("bob")

    @transaction.atomic
    def block_and_break_off():
        assert actions.block(one.id, other.id).state == "blocked"
        raise RuntimeError

    with sink() as events:
        with pytest.raises(RuntimeError):
            block_and_break_off()
        assert events == []
        assert not Contact.objects.exists()
        assert not Stream.objects.exists()
        actions.block(one.id, other.id)
        assert [item.to for item in events if item.event] == [one.id]
