"""The API of groups."""

from apps.chats.actions import groups
from apps.contacts.actions import profile
from tests.support.people import in_touch, signed_in


def people_of(client, crew):
    answer = client.get(f"/api/v1/chats/{crew}/members")
    assert answer.status_code == 200
    return {
        place: [(one["person"]["username"], one["left"]) for one in answer.json()[place]]
        for place in ("items", "former")
    }


def test_former_members_are_listed_for_members_only(crew, alice, bob, charlie):
    in_touch(alice, charlie)
    groups.add_members(alice.id, crew, [charlie.id])
    groups.leave_group(bob.id, crew)
    groups.remove_member(alice.id, crew, person=charlie.id)
    seen = people_of(signed_in(alice), crew)
    assert seen == {"items": [("alice", False)], "former": [("charlie", True), ("bob", True)]}
    for gone in (bob, charlie):
        assert signed_in(gone).get(f"/api/v1/chats/{crew}/members").status_code == 404


def test_a_returning_member_is_not_listed_as_former(crew, alice, bob):
    groups.remove_member(alice.id, crew, person=bob.id)
    groups.add_members(alice.id, crew, [bob.id])
    seen = people_of(signed_in(alice), crew)
    assert seen == {"items": [("alice", False), ("bob", False)], "former": []}


def test_former_members_are_listed_without_about_and_status(crew, alice, bob):
    client = signed_in(alice)
    profile.update(bob.id, version=None, about="About Bob", status_text="Busy")
    asked = client.get(f"/api/v1/chats/{crew}/members").json()
    assert asked["items"][1]["person"]["about"] == "About Bob"
    groups.leave_group(bob.id, crew)
    profile.update(bob.id, version=None, about="Elsewhere now")
    [former] = client.get(f"/api/v1/chats/{crew}/members").json()["former"]
    assert former["person"]["name"] == "Bob"
    assert "Elsewhere" not in str(former)
    assert "Busy" not in str(former)


def test_adding_someone_who_left_is_409_with_advice(crew, alice, bob):
    groups.leave_group(bob.id, crew)
    body = {"people": [str(bob.id)]}
    answer = signed_in(alice).post(
        f"/api/v1/chats/{crew}/members", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")
    assert "invite link" in answer.json()["detail"]
