"""Whoever changes a group has read it: what waited for them, or stood on a screen, goes."""

from apps.chats.actions import groups
from apps.notifications.models import Push
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import in_touch


def crew_of(alice, *people):
    for one in people:
        in_touch(alice, one)
    return groups.create_group(alice.id, "Crew", [one.id for one in people])


def test_a_rename_reads_as_a_message_does(alice, bob, device):
    phone = device(alice)
    crew = crew_of(alice, bob)
    write(bob, crew, "shown")
    make_due()
    deliver()
    write(bob, crew, "waits")
    groups.rename_group(alice.id, crew, "Sailors")
    assert not Push.objects.filter(user_id=alice.id, open=True).exists()
    assert [state for state, *_ in states(alice)] == ["sent", "cancelled"]
    make_due()
    deliver()
    assert [one["kind"] for one in phone.payloads] == ["show", "clear"]


def test_whoever_comes_back_is_told_of_nothing_old(alice, bob, device):
    phone = device(bob)
    crew = crew_of(alice, bob)
    write(alice, crew, "before")
    groups.remove_member(alice.id, crew, bob.id)
    groups.add_members(alice.id, crew, [bob.id])
    assert not Push.objects.filter(user_id=bob.id, open=True).exists()
    make_due()
    deliver()
    assert phone.payloads == []
