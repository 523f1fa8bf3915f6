"""A person's status and do-not-disturb times."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.actions import groups
from apps.chats.queries import chat_list, members
from apps.contacts.actions import contacts as actions
from apps.contacts.actions.profile import update
from apps.contacts.queries import contacts, people
from apps.core.errors import Invalid
from tests.support.people import direct_chat, in_touch, person, signed_in


def later(**much):
    return timezone.now().replace(microsecond=0) + timedelta(**much)


def put(user, path, **body):
    address = f"/api/v1/me/{path}"
    return signed_in(user).put(address, json.dumps(body), content_type="application/json")


def seen_by(reader, person):
    """The person's status in every list that shows them to others."""
    chat = chat_list.by_ids(reader.id, [direct_chat(reader, person)])[0]
    group = groups.create_group(reader.id, "Both", [person.id])
    [held] = [one for one in contacts.list_for(reader.id) if one.person.id == person.id]
    [found] = people.find(reader.id, person.username).items
    [member] = [one for one in members.of_chat(group) if one.person.id == person.id]
    return [
        each.status
        for each in (chat.person, held.person, found.person, member.person)
        if each is not None
    ]


def test_every_list_shows_the_status(alice, bob):
    until = later(hours=1)
    response = put(alice, "status", text=" In a meeting ", emoji="☎", until=until.isoformat())
    assert response.status_code == 200
    said = {"text": "In a meeting", "emoji": "☎️", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    said["source"] = ""
    assert response.json()["status"] == said
    statuses = seen_by(bob, alice)
    assert len(statuses) == 4
    assert {(one.text, one.emoji, one.until) for one in statuses} == {("In a meeting", "☎️", until)}


def test_no_list_shows_an_expired_status(alice, bob):
    User.objects.filter(id=alice.id).update(status_text="Gone", status_until=later(seconds=-1))
    assert seen_by(bob, alice) == [None] * 4
    assert profiles.me(alice.id).status is None


def test_a_new_status_is_published_to_everybody_who_lists_the_person(
    alice, bob, charlie, captured_events
):
    in_touch(alice, bob)
    with captured_events() as events:
        update(alice.id, version=None, status_text="Hello")
    assert {(item.to, type(item.event).__name__) for item in events} == {
        (alice.id, "MeChanged"),
        (bob.id, "ContactChanged"),
    }
    [event] = [item.event for item in events if item.to == bob.id]
    assert event.contact.person.status.text == "Hello"


def test_a_new_status_is_not_published_to_blocked_people(alice, dana, captured_events):
    in_touch(alice, dana)
    actions.block(alice.id, dana.id)
    with captured_events() as events:
        update(alice.id, version=None, status_text="Hello")
    assert dana.id not in {item.to for item in events}


def test_an_empty_status_removes_it(alice):
    put(alice, "status", text="Away", emoji="🌴")
    assert put(alice, "status").json()["status"] is None


def test_setting_the_same_status_again_changes_nothing(alice, captured_events):
    put(alice, "status", text="Away")
    with captured_events() as events:
        assert put(alice, "status", text="Away").status_code == 200
    assert events == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": "x" * 81}, "#/text"),
        ({"text": "two\nlines"}, "#/text"),
        ({"emoji": "ab"}, "#/emoji"),
        ({"emoji": "🌴🌴"}, "#/emoji"),
        ({"until": "2020-01-01T00:00:00Z"}, "#/until"),
        ({"until": "2999-01-01T00:00:00Z"}, "#/until"),
        ({"until": "2026-01-01T00:00:00"}, "#/until"),
        ({"words": "x"}, "#/words"),
    ],
)
def test_a_malformed_status_is_refused_with_a_pointer(alice, body, pointer):
    response = put(alice, "status", **body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert profiles.me(alice.id).version == 1


def test_quiet_hours_are_seen_by_contacts_and_replaced_as_a_whole(alice, bob, charlie):
    in_touch(alice, bob)
    until = later(hours=2)
    times = {"start": "22:00", "end": "07:30", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    response = put(alice, "do-not-disturb", **times)
    assert response.json()["do_not_disturb"] == times
    [seen] = signed_in(bob).get("/api/v1/contacts").json()["items"]
    assert seen["quiet"] == times | {"zone": "UTC"}
    assert (
        contacts.list_for(bob.id)[0].quiet
        == contacts.page(bob.id, state=None, after=None, limit=1)[0].quiet
    )

    actions.invite(charlie.id, alice.id)
    [held] = contacts.list_for(charlie.id)
    assert (held.person.id, held.quiet) == (alice.id, None)
    for path in (f"people/{alice.id}", "people?q=alice", "contacts"):
        assert b"22:00" not in signed_in(charlie).get(f"/api/v1/{path}").content

    response = put(alice, "do-not-disturb")
    assert response.json()["do_not_disturb"] == {"start": None, "end": None, "until": None}
    assert contacts.list_for(bob.id)[0].quiet is None


def test_quiet_that_is_past_is_not_shown(alice, bob):
    in_touch(alice, bob)
    User.objects.filter(id=alice.id).update(dnd_until=later(minutes=-1))
    assert contacts.list_for(bob.id)[0].quiet is None
    assert contacts.page(bob.id, state=None, after=None, limit=1)[0].quiet is None


@pytest.mark.parametrize("change", ["do-not-disturb", "time-zone"])
def test_a_change_of_quiet_is_published_to_own_devices_and_contacts_only(
    alice, bob, charlie, dana, captured_events, change
):
    """People who wait for an answer, were invited, or blocked her do not learn of it."""
    in_touch(alice, bob)
    actions.invite(charlie.id, alice.id)
    actions.block(dana.id, alice.id)
    actions.invite(alice.id, person("erin").id)
    if change == "time-zone":
        put(alice, "do-not-disturb", start="22:00", end="06:00")
    with captured_events() as events:
        if change == "time-zone":
            put(alice, "time-zone", device="Asia/Tokyo")
        else:
            put(alice, "do-not-disturb", start="22:00", end="06:00")
    assert {item.to for item in events} == {alice.id, bob.id}
    [quiet] = [item.event.contact.quiet for item in events if item.to == bob.id]
    assert quiet.start == "22:00"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"start": "22:00"}, "#/end"),
        ({"end": "22:00"}, "#/end"),
        ({"start": "22:00", "end": "22:00"}, "#/end"),
        ({"start": "24:00", "end": "07:00"}, "#/start"),
        ({"start": "7:00", "end": "08:00"}, "#/start"),
        ({"until": "2020-01-01T00:00:00Z"}, "#/until"),
    ],
)
def test_malformed_quiet_hours_are_refused_with_a_pointer(alice, body, pointer):
    response = put(alice, "do-not-disturb", **body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_quiet_hours_with_only_a_start_are_refused(alice):
    with pytest.raises(Invalid):
        update(alice.id, version=None, dnd_start=timezone.now().time())
