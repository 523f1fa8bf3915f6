"""Changing a profile: what is stored, who gets an event, what is refused."""

from datetime import time

import pytest

from apps.accounts.models import Stream
from apps.accounts.queries import profiles
from apps.contacts.actions import contacts as actions
from apps.contacts.actions.profile import update
from apps.contacts.queries import contacts
from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.identifiers import new_id
from tests.support.people import in_touch
from tests.support.reading import stream_changes
from tests.support.statements import traffic


def test_a_new_name_is_published_to_own_devices_and_everybody_who_lists_the_person(
    alice, bob, charlie, dana, captured_events
):
    in_touch(alice, bob)
    actions.block(dana.id, alice.id)
    with captured_events() as events:
        me = update(alice.id, version=1, name="  Alice Two ")
    assert (me.name, me.version) == ("Alice Two", 2)
    published = {(item.to, type(item.event).__name__, item.rev) for item in events}
    assert published == {
        (alice.id, "MeChanged", 3),
        (bob.id, "ContactChanged", 3),
        (dana.id, "ContactChanged", 2),
    }
    assert [each.person.name for each in contacts.list_for(bob.id)] == ["Alice Two"]
    assert stream_changes(contacts, bob.id, 2)[0].rev == 3
    assert not Stream.objects.filter(user=charlie).exists()


def test_a_private_change_is_published_to_own_devices_only(alice, bob, captured_events):
    actions.invite(alice.id, bob.id)
    with captured_events() as events:
        update(alice.id, version=1, time_zone="Europe/Berlin")
    assert [(item.to, item.event.me.time_zone) for item in events] == [(alice.id, "Europe/Berlin")]


def test_an_unchanged_profile_writes_nothing(alice, captured_events):
    with captured_events() as events:
        assert update(alice.id, version=1, name=alice.name).version == 1
    assert events == []
    assert stream_changes(profiles, alice.id, 0) == []


def test_changes_returns_the_profile_after_older_revisions_only(alice):
    update(alice.id, version=1, about="Hello")
    [item] = stream_changes(profiles, alice.id, 0)
    assert (item.rev, item.event.user_rev, item.event.me.about) == (1, 1, "Hello")
    assert stream_changes(profiles, alice.id, 1) == []


def test_another_time_zone_of_quiet_hours_is_published_to_contacts(alice, bob, captured_events):
    in_touch(alice, bob)
    update(alice.id, version=None, dnd_start=time(22), dnd_end=time(7))
    with captured_events() as events:
        update(alice.id, version=None, device_time_zone="Asia/Tokyo")
    assert {item.to for item in events} == {alice.id, bob.id}
    assert contacts.list_for(bob.id)[0].quiet.zone == "Asia/Tokyo"


def test_an_outdated_version_is_a_conflict_and_overwrites_nothing(alice, captured_events):
    update(alice.id, version=1, name="First")
    with captured_events() as events, pytest.raises(Conflict):
        update(alice.id, version=1, name="Second")
    assert events == []
    assert profiles.me(alice.id).name == "First"
    assert Stream.objects.get(user=alice).rev == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "x" * 81),
        ("name", "two\nlines"),
        ("name", "nul\x00"),
        ("name", "turn \u202e round"),
        ("name", "half \ud800"),
        ("about", "x" * 201),
        ("locale", "xx"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("username", "with space"),
        ("username", ""),
        ("username", "x" * 33),
        ("username", "bob"),
    ],
)
def test_invalid_fields_are_refused_with_a_pointer(alice, bob, field, text):
    with pytest.raises(Invalid) as refused:
        update(alice.id, version=1, **{field: text})
    assert refused.value.pointer == f"#/{field}"
    assert profiles.me(alice.id).version == 1
    assert not Stream.objects.filter(user=alice, rev__gt=0).exists()


def test_names_of_all_scripts_are_kept(alice):
    for version, name in enumerate(["日本語 名前", "مرحبا", "Zoë 🦔", "e\u0301"], start=1):
        assert update(alice.id, version=version, name=name).version == version + 1
    assert profiles.me(alice.id).name == "é"


def test_an_unknown_profile_is_not_found(db):
    with pytest.raises(NotFound):
        update(new_id(), version=1, name="Nobody")


def test_the_cost_does_not_grow_with_the_number_of_contacts(alice, bob, charlie, dana):
    for other in (bob, charlie, dana):
        actions.invite(other.id, alice.id)
    # holders, savepoint, lock, profile, holders again, advance, savepoint, write, release, profile,
    # mark, the marked rows, release
    with traffic() as sent:
        update(alice.id, version=1, name="Told to three")
    assert sent.statements == 13


def test_people_are_read_in_one_query(alice, bob, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = profiles.people([alice.id, bob.id, new_id()])
    assert {each.username for each in found.values()} == {"alice", "bob"}
    assert found[bob.id].name == "Bob"


def test_a_person_without_a_name_is_called_by_their_username(charlie):
    assert profiles.person_body(charlie).name == "charlie"
