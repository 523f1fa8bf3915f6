"""Pictures of groups: who sets them, who sees them, and what members learn."""

import json

import pytest

from apps.chats.actions import groups
from apps.chats.models.member import Role
from apps.chats.queries import changes, chat_list, gaps, history
from apps.core.errors import Forbidden, Invalid, NotFound
from apps.files.actions import deletion
from apps.files.models import File
from apps.wire import events as events_
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.support.people import signed_in
from tests.support.reading import chat_revs
from tests.support.uploads import stored_file, stored_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def put(user, chat, file):
    body = json.dumps({"file": str(file) if file else None})
    return signed_in(user).put(
        f"/api/v1/chats/{chat}/picture", body, content_type="application/json"
    )


def seen_by(file, *people):
    address = f"/api/v1/files/{file}/content/thumbnail"
    return [signed_in(each).get(address).status_code for each in people]


def test_members_see_the_picture_of_their_group(alice, bob, charlie, crew, captured_events):
    file = stored_picture(alice)
    before = chat_revs(bob.id)[crew]
    assert seen_by(file, bob) == [404]
    with captured_events() as events:
        assert put(alice, crew, file).status_code == 204
    [told] = [e.event for e in events if isinstance(e.event, events_.TitleChanged)]
    assert (told.title, told.picture) == ("Crew", file)
    missed = changes.since({crew: before})[crew].publications
    assert missed[0].event == told
    assert [each.rev for each in missed] == [before + 1, before + 2]
    assert gaps.gap(bob.id, crew).picture == file
    assert chat_list.by_ids(bob.id, [crew])[0].picture == file
    [entry] = history.newest(crew, limit=1, max_bytes=1000)
    assert (entry.kind, entry.sender) == ("picture", alice.id)
    assert seen_by(file, alice, bob, charlie) == [302, 302, 404]
    groups.remove_member(alice.id, crew, person=bob.id)
    assert seen_by(file, bob) == [404]


def test_a_replaced_or_removed_picture_is_gone(alice, bob, crew):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
    first, second = stored_picture(alice), stored_picture(bob)
    put(alice, crew, first)
    put(bob, crew, second)
    assert [*seen_by(first, bob), *seen_by(second, alice)] == [404, 302]
    put(bob, crew, None)
    assert chat_list.by_ids(bob.id, [crew])[0].picture is None
    deletion.delete_unused()
    assert not File.objects.exists()


def test_members_outsiders_and_direct_chats_have_no_right(alice, bob, charlie, crew, chat):
    for who, where, refusal in (
        (bob, crew, Forbidden),
        (charlie, crew, NotFound),
        (alice, chat, Forbidden),
    ):
        file = stored_picture(who, who.username.encode() + where.bytes)
        with pytest.raises(refusal):
            groups.set_picture(who.id, where, file)
        assert File.objects.get(id=file).uses == 0


def test_only_an_own_picture_can_be_set(alice, bob, crew):
    for file in (stored_picture(bob), stored_file(alice, "a.txt", b"words").id):
        response = put(alice, crew, file)
        [error] = response.json()["errors"]
        assert (response.status_code, error["pointer"]) == (400, "#/file")
    with pytest.raises(Invalid):
        groups.set_picture(alice.id, crew, stored_picture(bob, b"another"))


def test_the_same_picture_again_adds_no_entry(alice, crew):
    file = stored_picture(alice)
    put(alice, crew, file)
    rev = chat_revs(alice.id)[crew]
    put(alice, crew, file)
    assert chat_revs(alice.id)[crew] == rev
    assert File.objects.get(id=file).uses == 1


def test_pictures_lock_in_the_documented_order(alice, bob, crew):
    first, second = stored_picture(alice), stored_picture(alice, b"others")
    with order_of_locks() as tables:
        groups.set_picture(alice.id, crew, first)
        groups.set_picture(alice.id, crew, second)
    assert tables[:3] == ["chats_chat", "chats_member", "files_file"]
    assert in_order(tables), tables
