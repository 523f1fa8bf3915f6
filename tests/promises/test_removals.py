"""A removed member gets all events up to the removal and none after, everywhere (promise 13)."""

import asyncio
import time
from typing import NamedTuple
from uuid import UUID

from apps.chats.actions import groups
from apps.chats.models import Member
from tests.support.client import Device
from tests.support.live import database


class Result(NamedTuple):
    """The result of a number of removals."""

    leaked: int
    wrong: int
    slowest: float


def make_groups(alice, bob, amount) -> list[UUID]:
    return [groups.create_group(alice.id, f"Crew {n}", [bob.id]) for n in range(amount)]


def end_of(chat, person) -> int:
    return Member.objects.values_list("left_rev", flat=True).get(chat_id=chat, user_id=person.id)


async def at_their_devices(servers, cast, device):
    """Alice writes on the second server; Bob has two devices on the first and one on the second."""
    alice = device(servers[1], cast.alice)
    bobs = [device(server, cast.bob) for server in (servers[0], servers[0], servers[1])]
    await asyncio.gather(*(one.join() for one in (alice, *bobs)))
    return alice, bobs


async def caught_up(alice: Device, bobs: list[Device], crew: UUID) -> None:
    """Wait until each device listens: one that is still catching up with a chat when its owner is
    removed gets no more of it."""
    first = (await alice.send(str(crew), "first word"))["seq"]
    await asyncio.gather(*(one.has(crew, first) for one in bobs))


async def remove(alice: Device, bobs: list[Device], crew: UUID, bob: object) -> float:
    """Remove Bob while Alice goes on writing; returns the seconds from the command until the last
    device received the removal."""
    chat, person = str(crew), str(bob)

    async def write() -> None:
        for number in range(30):
            await alice.send(chat, f"word {number}")

    def ended(event):
        return event["type"] == "member" and event["chat"] == chat and event["member"]["left"]

    writing = asyncio.create_task(write())
    while alice.state.chats[chat]["last_seq"] < 10:
        await alice.has(chat, alice.state.chats[chat]["last_seq"] + 1)
    began = time.monotonic()
    await alice.call("member.remove", chat=chat, person=person)
    await asyncio.gather(*(one.until(ended) for one in bobs))
    took = time.monotonic() - began
    await writing
    return took


async def judge(
    bobs: list[Device], witness: Device, crews: list[UUID], *, cast, took: list[float]
) -> Result:
    """Check all received events, after a last message in the direct chat has arrived as a fence."""
    last = (await witness.send(cast.chat, "after all that"))["seq"]
    leaked = wrong = 0
    for bob in bobs:
        await bob.has(cast.chat, last)
        for crew in crews:
            end = database(end_of, crew, cast.bob)
            revs = [e["rev"] for e in bob.events if e.get("chat") == str(crew) and "rev" in e]
            leaked += sum(rev > end for rev in revs)
            # Without a gap from the first known revision, and exactly up to the end.
            wrong += revs != list(range(end - len(revs) + 1, end + 1))
            wrong += len([e for e in bob.of_type("left") if e["chat"] == str(crew)]) != 1
    return Result(leaked, wrong, max(took))


async def test_every_device_of_a_removed_member_ends_at_the_revision_of_the_removal(
    servers, cast, device, long
):
    tries = 200 if long else 20
    crews = database(make_groups, cast.alice, cast.bob, tries)
    alice, bobs = await at_their_devices(servers, cast, device)
    for crew in crews:
        await caught_up(alice, bobs, crew)
    took = [await remove(alice, bobs, crew, cast.bob.id) for crew in crews]
    result = await judge(bobs, alice, crews, cast=cast, took=took)
    took.sort()
    print(
        f"fault=removal injections={tries} devices={len(bobs)} leaked={result.leaked}"
        f" wrong={result.wrong} told_p50={took[len(took) // 2] * 1000:.0f}ms"
        f" told_slowest={result.slowest * 1000:.0f}ms"
    )
    assert (result.leaked, result.wrong) == (0, 0)


async def test_without_redis_every_device_ends_at_the_revision_of_the_removal(
    servers, cast, device, valkey_server, long
):
    tries = 100 if long else 10
    crews = database(make_groups, cast.alice, cast.bob, tries)
    alice, bobs = await at_their_devices(servers, cast, device)
    valkey_server.process.kill()
    valkey_server.process.wait()
    try:
        took = await asyncio.gather(*(remove(alice, bobs, crew, cast.bob.id) for crew in crews))
        result = await judge(bobs, alice, crews, cast=cast, took=took)
    finally:
        await asyncio.to_thread(database, valkey_server.restart)
    print(
        f"fault=removal-without-redis injections={tries} devices={len(bobs)}"
        f" leaked={result.leaked} wrong={result.wrong} told_slowest={result.slowest:.1f}s"
    )
    assert (result.leaked, result.wrong) == (0, 0)
