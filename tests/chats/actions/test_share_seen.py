"""The setting to share read positions: a private position is sent to its owner only."""

from datetime import datetime
from uuid import uuid4

import msgspec
import pytest

from apps.chats.actions import groups
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.models import Member
from apps.chats.queries import positions
from apps.contacts.actions import profile
from tests.support.people import in_touch, signed_in


@pytest.fixture
def told(alice, chat):
    """Alice's chat with Bob, with two messages from her."""
    send_batch(
        [
            validated_send(sender=alice.id, chat=chat, client_id=uuid4(), text=text)
            for text in ("a", "b")
        ]
    )
    return chat


def keep(user):
    profile.update(user.id, version=user.version, share_seen=False)


def receipts(events, chat):
    return [
        (item.event.position.read, item.event.position.delivered)
        for item in events
        if item.to == chat
    ]


def test_a_read_position_is_published_if_the_person_shares_it(alice, bob, told, captured_events):
    with captured_events() as events:
        move_positions(bob.id, [Receipt(told, read=2)])
    assert receipts(events, told) == [(2, 2)]
    assert read_by(alice, told) == {alice.id: 2, bob.id: 2}


def test_only_the_delivered_position_is_published_if_reading_is_private(
    alice, bob, told, captured_events
):
    keep(bob)
    with captured_events() as events:
        move_positions(bob.id, [Receipt(told, read=2)])
    assert receipts(events, told) == [(0, 2)]
    assert read_by(alice, told) == {alice.id: 2, bob.id: 0}
    assert [p.delivered for p in positions.of_chat(told, reader=alice.id)] == [2, 2]


def test_reading_delivered_messages_is_published_to_the_readers_devices_only(
    bob, told, captured_events
):
    keep(bob)
    move_positions(bob.id, [Receipt(told, delivered=2)])
    with captured_events() as events:
        move_positions(bob.id, [Receipt(told, read=2)])
    assert [(item.to, type(item.event).__name__) for item in events] == [(bob.id, "ReadMoved")]
    assert events[0].event.read_seq == 2


def test_no_response_to_others_contains_a_private_position(alice, bob, told, captured_events):
    keep(bob)
    move_positions(bob.id, [Receipt(told, delivered=2)])
    with captured_events() as events:
        move_positions(bob.id, [Receipt(told, read=1)])
    assert not any(item.to in (told, alice.id) for item in events)
    client = signed_in(alice)
    for path in ("positions", "messages", "messages/2/seen"):
        answer = client.get(f"/api/v1/chats/{told}/{path}")
        assert answer.status_code == 200
        assert b'"read":1' not in answer.content


def test_people_who_do_not_share_do_not_see_others_positions(alice, bob, told):
    move_positions(bob.id, [Receipt(told, read=2)])
    keep(alice)
    assert read_by(alice, told) == {alice.id: 2, bob.id: 0}
    client = signed_in(alice)
    assert client.get(f"/api/v1/chats/{told}/messages/2/seen").json()["items"] == []


def test_seen_lists_only_people_who_share(alice, bob, told):
    move_positions(bob.id, [Receipt(told, read=2)])
    seen = f"/api/v1/chats/{told}/messages/2/seen"
    assert [one["username"] for one in signed_in(alice).get(seen).json()["items"]] == ["bob"]
    keep(bob)
    assert signed_in(alice).get(seen).json()["items"] == []


def lists(client, chat):
    """Who has seen message 2, has received it only, has not."""
    path = f"/api/v1/chats/{chat}/messages/2/seen"
    pages = [
        client.get(path, {"state": state}).json()["items"]
        for state in ("seen", "delivered", "waiting")
    ]
    return [[one["username"] for one in page] for page in pages]


def test_each_member_is_in_the_list_of_what_is_known(alice, bob, told):
    client = signed_in(alice)
    assert lists(client, told) == [[], [], ["bob"]]
    move_positions(bob.id, [Receipt(told, read=1, delivered=2)])
    assert lists(client, told) == [[], ["bob"], []]
    move_positions(bob.id, [Receipt(told, read=2)])
    assert lists(client, told) == [["bob"], [], []]
    keep(bob)
    assert lists(client, told) == [[], ["bob"], []]
    refused = client.get(f"/api/v1/chats/{told}/messages/2/seen", {"state": "no"})
    assert refused.status_code == 400


def test_a_time_is_told_only_where_it_is_known_exactly(alice, bob, told):
    client, path = signed_in(alice), f"/api/v1/chats/{told}/messages"
    send_batch([validated_send(sender=alice.id, chat=told, client_id=uuid4(), text="c")])
    move_positions(bob.id, [Receipt(told, read=1)])
    move_positions(bob.id, [Receipt(told, read=2)])
    move_positions(bob.id, [Receipt(told, delivered=3)])
    times = client.get(f"{path}/2/seen").json()["times"]
    moved = Member.objects.get(chat_id=told, user=bob)
    assert (moved.read_from, moved.read_to) == (1, 2)
    assert datetime.fromisoformat(times[str(bob.id)]) == moved.read_at
    assert client.get(f"{path}/1/seen").json()["times"] == {}
    assert client.get(f"{path}/3/seen", {"state": "delivered"}).json()["times"] == {}
    keep(bob)
    assert client.get(f"{path}/2/seen").json()["times"] == {}
    assert client.get(f"{path}/2/seen", {"state": "delivered"}).json()["times"] == {}


def test_the_time_of_a_read_that_was_not_shared_is_never_told(alice, bob, told):
    client, path = signed_in(alice), f"/api/v1/chats/{told}/messages"
    move_positions(bob.id, [Receipt(told, read=1)])
    keep(bob)
    move_positions(bob.id, [Receipt(told, read=2)])
    bob.refresh_from_db()
    profile.update(bob.id, version=bob.version, share_seen=True)
    for seq in (1, 2):
        seen = client.get(f"{path}/{seq}/seen").json()
        assert ([one["username"] for one in seen["items"]], seen["times"]) == (["bob"], {})
    assert Member.objects.get(chat_id=told, user=bob).read_at is None


def test_a_page_has_only_the_times_of_its_people(alice, bob, charlie):
    in_touch(alice, bob)
    in_touch(alice, charlie)
    crew = groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    [sent] = send_batch([validated_send(sender=alice.id, chat=crew, client_id=uuid4(), text="a")])
    for one in (bob, charlie):
        move_positions(one.id, [Receipt(crew, read=sent.seq)])
    page = signed_in(alice).get(f"/api/v1/chats/{crew}/messages/{sent.seq}/seen?limit=1").json()
    assert list(page["times"]) == [one["id"] for one in page["items"]]
    assert page["next"]


def test_who_does_not_share_sees_only_what_is_delivered(alice, bob, told):
    move_positions(bob.id, [Receipt(told, read=2)])
    keep(alice)
    assert lists(signed_in(alice), told) == [[], ["bob"], []]


def test_sharing_again_publishes_what_was_read_since(alice, bob, told, captured_events):
    keep(bob)
    move_positions(bob.id, [Receipt(told, read=1)])
    bob.refresh_from_db()
    profile.update(bob.id, version=bob.version, share_seen=True)
    with captured_events() as events:
        move_positions(bob.id, [Receipt(told, read=2)])
    assert receipts(events, told) == [(2, 2)]
    assert read_by(alice, told)[bob.id] == 2


def test_a_private_read_position_is_still_stored(bob, told):
    keep(bob)
    move_positions(bob.id, [Receipt(told, read=1)])
    assert Member.objects.get(pk=(told, bob.id)).read_seq == 1


def test_an_outsider_sees_no_positions(charlie, bob, told):
    path = f"/api/v1/chats/{told}/positions"
    assert signed_in(bob).get(path).status_code == 200
    assert signed_in(charlie).get(path).status_code == 404


def test_the_switch_is_the_persons_own_and_private(alice, bob, told):
    client = signed_in(alice)
    assert client.get("/api/v1/me").json()["share_seen"] is True
    body = msgspec.json.encode({"version": alice.version, "share_seen": False})
    answer = client.patch("/api/v1/me", body, content_type="application/json")
    assert (answer.status_code, answer.json()["share_seen"]) == (200, False)
    assert b"share_seen" not in signed_in(bob).get("/api/v1/contacts").content


def read_by(reader, chat):
    return {place.person: place.read for place in positions.of_chat(chat, reader=reader.id)}
