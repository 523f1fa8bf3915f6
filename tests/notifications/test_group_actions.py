"""Changing a group counts as reading it; being added again starts without old pushes."""

from apps.chats.actions import groups
from apps.notifications.models import Push
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import in_touch


def group_of(alice, *people):
    for one in people:
        in_touch(alice, one)
    return groups.create_group(alice.id, "Crew", [one.id for one in people])


def test_renaming_a_group_counts_as_reading_it(alice, bob, device):
    phone = device(alice)
    crew = group_of(alice, bob)
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


def test_a_member_who_is_added_again_is_not_notified_of_old_messages(alice, bob, device):
    phone = device(bob)
    crew = group_of(alice, bob)
    write(alice, crew, "before")
    groups.remove_member(alice.id, crew, person=bob.id)
    groups.add_members(alice.id, crew, [bob.id])
    assert not Push.objects.filter(user_id=bob.id, open=True).exists()
    make_due()
    deliver()
    assert phone.payloads == []
