"""Pictures of people: who sets them, who sees them, and what counts as a use."""

import json
from functools import partial

import pytest

from apps.accounts.actions.accounts import deactivate
from apps.contacts.actions import contacts, profile
from apps.core.errors import Invalid
from apps.core.identifiers import new_id
from apps.files.actions import deletion
from apps.files.models import File
from apps.wire import events as events_
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.support.people import in_touch, person, signed_in
from tests.support.threads import together
from tests.support.uploads import begin, stored_file, stored_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def set_picture(user, file):
    return profile.update(user.id, version=None, picture=file)


def seen_by(file, *people):
    address = f"/api/v1/files/{file}/content/thumbnail"
    return [signed_in(each).get(address).status_code for each in people]


def uses(file):
    return File.objects.values_list("uses", flat=True).get(id=file)


def patch(user, picture, version=1):
    body = json.dumps({"picture": str(picture) if picture else None, "version": version})
    return signed_in(user).patch("/api/v1/me", body, content_type="application/json")


def test_everybody_but_the_blocked_sees_the_picture_of_a_person(
    alice, bob, charlie, dana, captured_events
):
    in_touch(alice, bob)
    contacts.block(alice.id, dana.id)
    file = stored_picture(alice)
    assert seen_by(file, alice, bob) == [302, 404]
    with captured_events() as events:
        assert patch(alice, file).json()["picture"] == str(file)
    [told] = [e.event for e in events if isinstance(e.event, events_.ContactChanged)]
    assert told.contact.person.picture == file
    assert uses(file) == 1
    assert seen_by(file, alice, bob, charlie, dana) == [302, 302, 302, 404]
    found = signed_in(charlie).get("/api/v1/people", {"q": "alice"}).json()["items"]
    assert [each["person"]["picture"] for each in found] == [str(file)]
    deactivate(alice.id)
    assert seen_by(file, charlie) == [404]


def test_a_replaced_or_removed_picture_is_gone(alice, charlie):
    first, second = stored_picture(alice), stored_picture(alice, b"others")
    patch(alice, first)
    assert patch(alice, second, version=2).status_code == 200
    assert seen_by(first, charlie) == [404]
    assert seen_by(second, charlie) == [302]
    deletion.delete_unused()
    assert [row.id for row in File.objects.all()] == [second]
    assert patch(alice, None, version=3).json()["picture"] is None
    deletion.delete_unused()
    assert not File.objects.exists()


def test_only_an_own_ready_picture_can_be_set(alice, bob):
    uploading = begin(signed_in(alice), "a.png", 10).json()["id"]
    text = stored_file(alice, "a.txt", b"words").id
    expired = stored_picture(alice, b"expired")
    File.objects.filter(id=expired).update(expires_at="2020-01-01T00:00Z")
    for file in (new_id(), uploading, text, stored_picture(bob), expired):
        response = patch(alice, file)
        [error] = response.json()["errors"]
        assert (response.status_code, error["pointer"]) == (400, "#/picture")
    assert not File.objects.filter(uses__gt=0).exists()
    with pytest.raises(Invalid):
        set_picture(bob, text)


def test_a_refused_change_counts_nothing(alice):
    first, second = stored_picture(alice), stored_picture(alice, b"others")
    patch(alice, first)
    assert patch(alice, second, version=1).status_code == 409
    assert (uses(first), uses(second)) == (1, 0)


def test_the_same_picture_again_changes_nothing(alice):
    file = stored_picture(alice)
    assert set_picture(alice, file).version == set_picture(alice, file).version
    assert uses(file) == 1


def test_concurrent_changes_leave_one_use():
    for attempt in range(10):
        user = person(f"alice{attempt}")
        files = [stored_picture(user, bytes([n])) for n in range(4)]
        together(*(partial(set_picture, user, file) for file in files))
        user.refresh_from_db()
        assert {file: uses(file) for file in files} == {
            file: int(file == user.picture) for file in files
        }


def test_files_are_locked_before_streams(alice, bob):
    in_touch(alice, bob)
    file = stored_picture(alice)
    with order_of_locks() as tables:
        set_picture(alice, file)
    assert tables[:2] == ["files_file", "accounts_stream"]
    assert in_order(tables), tables
