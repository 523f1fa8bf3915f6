"""Resume: all missed events in order before new ones, then `synced`."""

import asyncio
from uuid import uuid4

import pytest
from django.db import transaction

from apps.chats.actions import groups
from apps.core.identifiers import new_id
from apps.wire.commands import Resume
from tests.chats.factories import write_many
from tests.support.events import sink
from tests.support.fill import fill
from tests.support.ledger import reorders
from tests.support.live import database
from tests.support.people import direct_chat, person


def kinds(events):
    return [event["type"] for event in events]


async def test_a_first_connection_gets_a_snapshot_and_all_chats(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    assert kinds(alice.events)[:3] == ["welcome", "snapshot", "chats"]
    assert kinds(alice.events)[-2:] == ["synced", "ack"]
    assert [chat["id"] for chat in alice.events[2]["chats"]] == [str(cast.chat)]


async def test_missed_events_come_in_order_and_without_a_snapshot(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    bob = await device(one_server, cast.bob).join()
    await alice.cut()
    for text in ("one", "two", "three"):
        await bob.send(cast.chat, text)
    came = len(alice.events)
    await alice.join()
    missed = alice.events[came:]
    assert kinds(missed) == ["welcome", *["message"] * 3, "presence", "synced", "ack"]
    assert [event["rev"] for event in missed if event["type"] == "message"] == [1, 2, 3]


async def test_events_that_a_client_has_are_not_sent_again(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    await alice.send(cast.chat, "known")
    await alice.has(cast.chat, 1)
    await alice.cut()
    came = len(alice.events)
    await alice.join()
    assert not {"message", "chats", "snapshot"} & set(kinds(alice.events[came:]))


def twelve_chats_full(alice):
    """4,800 changes in twelve chats, and one change in each that was known before."""
    friends = [person(f"friend-{uuid4().hex[:8]}") for _ in range(12)]
    return [(friend, direct_chat(alice, friend)) for friend in friends]


async def test_five_thousand_missed_events_come_before_new_ones(servers, cast, device):
    places = database(twelve_chats_full, cast.alice)
    alice = await device(servers[0], cast.alice).join()
    await alice.cut()
    for friend, chat in places:
        database(fill, chat, friend.id, end=420)
    friends = await asyncio.gather(*(device(servers[1], f).join() for f, _ in places[:4]))

    async def write_on(friend, chat):
        for number in range(40):
            await friend.send(chat, f"new {number}")

    writing = [
        asyncio.create_task(write_on(friend, chat))
        for friend, (_, chat) in zip(friends, places, strict=False)
    ]
    came = len(alice.events)
    await friends[0].has(places[0][1], 425)
    await alice.join()
    synced = came + kinds(alice.events[came:]).index("synced")
    before = [event for event in alice.events[came:synced] if event["type"] == "message"]
    for _, chat in places:
        revs = [event["rev"] for event in before if event["chat"] == str(chat)]
        # All that was committed before the resume, without a gap, whatever came during it.
        assert revs[:420] == list(range(1, 421))
    await asyncio.gather(*writing)
    for position, (_, chat) in enumerate(places):
        await alice.has(chat, 460 if position < 4 else 420)
    assert reorders(alice) == 0
    assert len(alice.state.applied) == 12 * 420 + 4 * 40
    assert alice.resumes == 2


async def test_more_than_five_hundred_missed_events_become_a_gap_with_the_newest_fifty(
    one_server, cast, device
):
    alice = await device(one_server, cast.alice).join()
    bob = await device(one_server, cast.bob).join()
    await alice.cut()
    database(fill, cast.chat, cast.bob.id, end=501)
    came = len(alice.events)
    await alice.join()
    [gap] = [event for event in alice.events[came:] if event["type"] == "gap"]
    assert (gap["chat"], gap["rev"], gap["last_seq"]) == (str(cast.chat), 501, 501)
    assert [entry["seq"] for entry in gap["messages"]] == list(range(452, 502))
    assert gap["read_seq"] == 0
    assert "message" not in kinds(alice.events[came:])
    await bob.resume()
    await bob.send(cast.chat, "after the gap")
    await alice.has(cast.chat, 502)


async def test_when_the_server_misses_too_much_its_members_resume(one_server, cast, device):
    """600 entries and a removal without hints: the server finds them by its position check."""
    alice, bob = await device(one_server, cast.alice).join(), device(one_server, cast.bob)
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    await bob.join()
    await alice.knows(lambda state: str(crew) in state.chats)
    last = alice.state.chats[str(crew)]["last_seq"]

    def unannounced():
        # In one transaction: the position check must not run between two of them.
        with sink(), transaction.atomic():
            write_many(cast.alice, crew, 300)
            groups.remove_member(cast.alice.id, crew, person=cast.bob.id)
            write_many(cast.alice, crew, 300)

    database(unannounced)
    end = last + 300 + 1 + 300
    await alice.has(crew, end)
    [gap] = alice.of_type("gap")
    assert (gap["last_seq"], gap["read_seq"]) == (end, end)
    await bob.knows(lambda state: str(crew) not in state.chats)
    await alice.send(crew, "after")
    await alice.has(crew, end + 1)
    of_crew = [event for event in bob.events if str(crew) in str(event)]
    assert "gap" not in kinds(of_crew)
    assert "after" not in str(of_crew)


async def test_five_hundred_missed_events_are_no_gap(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    await alice.cut()
    database(fill, cast.chat, cast.bob.id, end=500)
    came = len(alice.events)
    await alice.join()
    # Perhaps twice: the resume shows the server that its cursor is behind, and it heals.
    revs = {event["rev"] for event in alice.events[came:] if event["type"] == "message"}
    assert revs == set(range(1, 501))
    assert "gap" not in kinds(alice.events[came:])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda state, chat: setattr(state, "epoch", str(uuid4())), "unknown_epoch"),
        (lambda state, chat: state.cursors.update({chat: 99}), "cursor_ahead"),
        (lambda state, chat: setattr(state, "user", 99_999), "cursor_ahead"),
    ],
    ids=["epoch", "chat", "person"],
)
async def test_cursors_that_cannot_be_continued_are_reset(one_server, cast, device, change, reason):
    alice = await device(one_server, cast.alice).join()
    await alice.cut()
    change(alice.state, str(cast.chat))
    came = len(alice.events)
    await alice.join()
    assert kinds(alice.events[came:])[:4] == ["welcome", "reset", "snapshot", "chats"]
    assert alice.events[came + 1]["reason"] == reason
    fresh = await device(one_server, cast.alice).join()
    assert alice.state.view() == fresh.state.view()


async def test_a_chat_of_others_in_a_resume_is_skipped_like_an_absent_one(one_server, cast, device):
    bob = await device(one_server, cast.bob).join()
    await bob.send(cast.chat, "not for Charlie")
    charlie = await device(one_server, cast.charlie).join()
    for chat in (cast.chat, new_id()):
        came = len(charlie.events)
        fields = charlie.state.resume() | {"chats": {str(chat): 0}}
        await charlie.call("resume", **fields)
        assert kinds(charlie.events[came:]) == ["synced", "ack"]
    assert all(str(cast.chat) not in frame for frame in charlie.frames)


async def test_repeated_resumes_lose_and_duplicate_no_event(servers, cast, device):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()

    async def write():
        for number in range(60):
            await bob.send(cast.chat, str(number))

    writing = asyncio.create_task(write())
    for _ in range(15):
        await alice.resume()
    await writing
    await alice.has(cast.chat, 60)
    assert alice.state.texts(str(cast.chat)) == [str(number) for number in range(60)]
    assert reorders(alice) == 0


async def test_commands_before_resume_are_refused(one_server, cast, device):
    alice = await device(one_server, cast.alice).open()
    with pytest.raises(Exception, match="resume_first"):
        await alice.send(cast.chat, "too early")
    with pytest.raises(Exception, match="resume_first"):
        await alice.call("chat.marks", chat=str(cast.chat), pinned=True)
    await alice.resume()
    assert (await alice.send(cast.chat, "now"))["seq"] == 1


def test_a_resume_may_name_twenty_thousand_chats():
    assert Resume.__annotations__["chats"].__metadata__[0].max_length == 20_000
