"""Presence and typing: who receives them, and how often."""

import asyncio

from django.conf import settings
from redis import asyncio as redis

from apps.accounts.models import Stream, User
from apps.chats.actions import groups
from apps.contacts.actions import contacts
from tests.support.live import database
from tests.support.people import in_touch

ENTRY_POLL_S = 0.02


def state_of(person, *, online, away):
    """A condition: the event carries this presence of the person."""

    def wanted(event):
        return event["type"] == "presence" and any(
            (one["person"], one["online"], one["away"]) == (str(person.id), online, away)
            for one in event["people"]
        )

    return wanted


async def stored_as(person: User, *states: str) -> None:
    """Wait until Redis has an entry with these states, one of each server process: a command is
    acknowledged before its entry is written."""
    async with asyncio.timeout(20), redis.Redis.from_url(settings.REDIS_URL) as store:
        while True:
            entries = await store.zrange(f"parley:presence:{person.id}", 0, -1)
            if sorted(entry.decode().rpartition(":")[2] for entry in entries) == sorted(states):
                return
            await asyncio.sleep(ENTRY_POLL_S)


def stream_rev(user):
    return Stream.objects.values_list("rev", flat=True).get(user=user)


async def test_a_person_is_away_when_all_devices_are_away(servers, cast, device):
    bob = device(servers[0], cast.bob)
    desk, phone = device(servers[0], cast.alice), device(servers[1], cast.alice)
    await asyncio.gather(bob.join(), desk.join(), phone.join())
    await bob.until(state_of(cast.alice, online=True, away=False))
    await desk.call("presence", state="away")
    before = len(bob.events)
    await phone.call("presence", state="away")
    await bob.until(state_of(cast.alice, online=True, away=True), since=before)
    before = len(bob.events)
    await phone.call("presence", state="active")
    await bob.until(state_of(cast.alice, online=True, away=False), since=before)


async def test_away_on_one_device_of_two_is_not_sent(servers, cast, device):
    bob = device(servers[1], cast.bob)
    desk, phone = device(servers[0], cast.alice), device(servers[1], cast.alice)
    await asyncio.gather(desk.join(), phone.join())
    await bob.join()
    await bob.until(state_of(cast.alice, online=True, away=False))
    await stored_as(cast.alice, "active", "active")
    await desk.call("presence", state="away")
    await stored_as(cast.alice, "away", "active")
    await desk.call("presence", state="active")
    await stored_as(cast.alice, "active", "active")
    await phone.call("presence", state="away")
    await stored_as(cast.alice, "active", "away")
    await desk.send(cast.chat, "after all that")
    await bob.has(cast.chat, 1)
    assert not [
        event for event in bob.events if state_of(cast.alice, online=True, away=True)(event)
    ]


async def test_a_person_whose_last_device_is_away_is_away(servers, cast, device):
    bob = device(servers[0], cast.bob)
    desk, phone = device(servers[0], cast.alice), device(servers[1], cast.alice)
    await asyncio.gather(bob.join(), desk.join(), phone.join())
    await phone.call("presence", state="away")
    before = len(bob.events)
    await desk.leave()
    await bob.until(state_of(cast.alice, online=True, away=True), since=before)
    before = len(bob.events)
    await phone.leave()
    await bob.until(state_of(cast.alice, online=False, away=False), since=before)


async def test_a_later_device_learns_at_once_that_a_contact_is_away(servers, cast, device):
    alice, early = device(servers[0], cast.alice), device(servers[1], cast.bob)
    await asyncio.gather(alice.join(), early.join())
    await alice.call("presence", state="away")
    await early.until(state_of(cast.alice, online=True, away=True))
    late = device(servers[1], cast.bob)
    await late.join()
    assert any(state_of(cast.alice, online=True, away=True)(event) for event in late.events)


async def test_a_device_that_came_during_an_outage_of_redis_gets_presence_after_it(
    servers, cast, device, valkey_server
):
    valkey_server.process.kill()
    valkey_server.process.wait()
    try:
        bob = await device(servers[0], cast.bob).join()
    finally:
        await asyncio.to_thread(database, valkey_server.restart)
    alice = await device(servers[1], cast.alice).join()
    await bob.until(state_of(cast.alice, online=True, away=False))
    before = len(bob.events)
    await alice.call("presence", state="away")
    # Sooner than the periodic refresh, every 15 s.
    await bob.until(state_of(cast.alice, online=True, away=True), since=before, within=8)


async def test_presence_is_not_sent_to_strangers_and_blocked_people(servers, cast, device):
    alice, bob = device(servers[0], cast.alice), device(servers[0], cast.bob)
    charlie, dana = device(servers[0], cast.charlie), device(servers[1], cast.dana)
    await asyncio.gather(bob.join(), charlie.join(), dana.join())
    await alice.join()
    await alice.call("presence", state="away")
    await bob.until(state_of(cast.alice, online=True, away=True))
    for outsider in (charlie, dana):
        await outsider.call("presence", state="active")
        assert not any(str(cast.alice.id) in frame for frame in outsider.frames)


async def test_presence_does_not_move_the_person_revision(one_server, cast, device):
    alice, bob = device(one_server, cast.alice), device(one_server, cast.bob)
    await asyncio.gather(alice.join(), bob.join())
    before = database(stream_rev, cast.alice)
    await alice.call("presence", state="away")
    await bob.until(state_of(cast.alice, online=True, away=True))
    assert database(stream_rev, cast.alice) == before


async def test_who_is_blocked_is_not_told_of_typing_in_a_common_group(one_server, cast, device):
    def new_group(title):
        return groups.create_group(cast.alice.id, title=title, people=[cast.bob.id])

    def typing_in(chat):
        return lambda event: event["type"] == "typing" and event["chat"] == str(chat)

    # Each state has a group of its own: typing in one is limited.
    before, blocked, after = [database(new_group, title) for title in ("one", "two", "three")]
    alice, bob = device(one_server, cast.alice), device(one_server, cast.bob)
    await asyncio.gather(alice.join(), bob.join())
    await alice.call("typing", chat=str(before))
    await bob.until(typing_in(before))
    for change, chat in ((contacts.block, blocked), (contacts.unblock, after)):
        seen = len(alice.events)
        database(change, cast.alice.id, cast.bob.id)
        await alice.until(lambda event: event["type"] == "contact", since=seen)
        await alice.call("typing", chat=str(chat))
    # With a message, what its chat still holds back leaves.
    sent = await alice.send(blocked, "written")
    await bob.has(blocked, sent["seq"])
    await bob.until(typing_in(after))
    assert not any(map(typing_in(blocked), bob.events))


async def test_typing_of_blocked_people_is_not_sent_to_who_blocks_them(one_server, cast, device):
    """Charlie is no contact of Alice's: he gets no event when she blocks him."""

    def new_group(title):
        people = [cast.alice.id, cast.charlie.id]
        return groups.create_group(cast.bob.id, title=title, people=people)

    def typing_in(chat):
        return lambda event: event["type"] == "typing" and event["chat"] == str(chat)

    database(in_touch, cast.bob, cast.charlie)
    before, blocked, after = [database(new_group, title) for title in ("one", "two", "three")]
    alice, bob, charlie = (device(one_server, one) for one in (cast.alice, cast.bob, cast.charlie))
    await asyncio.gather(alice.join(), bob.join(), charlie.join())
    await charlie.call("typing", chat=str(before))
    await alice.until(typing_in(before))
    database(contacts.block, cast.alice.id, cast.charlie.id)
    await charlie.call("typing", chat=str(blocked))
    await bob.until(typing_in(blocked))
    database(contacts.unblock, cast.alice.id, cast.charlie.id)
    await charlie.call("typing", chat=str(after))
    await alice.until(typing_in(after))
    assert not any(map(typing_in(blocked), alice.events))
    assert not any(event["type"] == "contact" for event in charlie.events)


async def test_typing_is_sent_once_in_two_seconds(one_server, cast, device):
    alice, bob = device(one_server, cast.alice), device(one_server, cast.bob)
    await asyncio.gather(alice.join(), bob.join())
    for _ in range(5):
        await alice.call("typing", chat=str(cast.chat))
    await bob.until(lambda event: event["type"] == "typing")
    await alice.send(cast.chat, "written")
    await bob.has(cast.chat, 1)
    assert len(bob.of_type("typing")) == 1
    last = len(bob.events)
    async with asyncio.timeout(10):
        while not any(event["type"] == "typing" for event in bob.events[last:]):
            await alice.call("typing", chat=str(cast.chat))
            await bob.call("presence", state="active")
            await asyncio.sleep(0.2)
