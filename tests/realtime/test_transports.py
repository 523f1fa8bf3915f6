"""All three transports send the same events and end for the same reasons (promises 13, 14, 19)."""

import asyncio
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts, devices
from apps.accounts.models import Session
from apps.chats.actions import groups
from apps.realtime.transports.poll import _refusal
from apps.wire.close_codes import CloseCode
from tests.support.fill import fill
from tests.support.ledger import Ledger, reorders
from tests.support.listeners import TRANSPORTS, listener, parts
from tests.support.live import database
from tests.support.people import in_touch

__all__ = ["listener"]
AT_ONCE_S = 2.0
BY_THE_CHECK_S = 6.0
WHOLE = {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}
# How each transport shows that the session has ended.
SIGNED_OUT = {"socket": CloseCode.SIGNED_OUT, "stream": CloseCode.SIGNED_OUT, "poll": 401}


async def three(listener, server, user):
    """One device per transport, of one person."""
    devices = [listener(server, user, way) for way in TRANSPORTS]
    for one in devices:
        await one.join()
    return devices


def happened(device, since=0):
    """The bytes of all events of chats, in order of arrival."""
    found = [bytes(raw) for frame in device.frames[since:] for raw in parts(frame)]
    return [raw for raw in found if json.loads(raw)["type"] in ("message", "receipt", "read")]


async def test_a_thousand_events_are_the_same_bytes_on_all_three_transports(
    one_server, cast, listener
):
    devices = await three(listener, one_server, cast.alice)
    bob = await listener(one_server, cast.bob).join()
    places = asyncio.Semaphore(20)

    async def act(number):
        async with places:
            ack = await bob.send(cast.chat, f"{number} é\u2028\n")
            if number % 40 == 0:
                await bob.call("edit", chat=str(cast.chat), seq=ack["seq"], text="edited")
                await bob.call("react", chat=str(cast.chat), seq=ack["seq"], emoji="👍")

    await asyncio.gather(*(act(number) for number in range(1_000)))
    for one in devices:
        await one.knows(lambda state: state.cursors[str(cast.chat)] == 1_050)
    socket, stream, poll = (happened(one) for one in devices)
    # Two changes of a message that are read together are one event.
    found = [json.loads(raw) for raw in socket]
    changed = [event for event in found if event["type"] == "message"]
    assert {event["message"]["seq"] for event in changed} == set(range(1, 1_001))
    assert changed[-1]["rev"] == 1_050
    assert socket == stream == poll
    assert [one.resumes for one in devices] == [1, 1, 1]


async def test_missed_events_are_the_same_bytes_on_all_three_transports(one_server, cast, listener):
    devices = await three(listener, one_server, cast.alice)
    for one in devices:
        await one.cut()
    database(fill, cast.chat, cast.bob.id, end=480)
    missed = []
    for one in devices:
        came = len(one.frames)
        await one.join()
        # The process's own cursor is behind as well: what it then reads for all its connections may
        # already follow.
        missed.append(happened(one, came)[:480])
    assert [json.loads(raw)["rev"] for raw in missed[0]] == list(range(1, 481))
    assert missed[0] == missed[1] == missed[2]


async def test_a_device_that_keeps_changing_transport_ends_complete_and_in_order(
    servers, cast, listener
):
    bob = await listener(servers[0], cast.bob).join()
    alice = await listener(servers[1], cast.alice).join()
    ledger = Ledger("change of transport", readers=[alice])
    amount = 1_000

    async def write():
        for number in range(amount):
            ledger.sent += 1
            ack = await bob.send(cast.chat, str(number))
            ledger.acked[str(number)] = (ack["chat"], ack["seq"], ack["rev"], ack["id"])

    writing = asyncio.create_task(write())
    for change in range(1, 1_000):
        if alice.state.chats[str(cast.chat)]["last_seq"] == amount:
            break
        held = len(alice.state.applied)
        await alice.knows(lambda state, so_far=held: len(state.applied) >= min(so_far + 25, amount))
        await alice.cut()
        alice.server = servers[change % 2].url
        await alice.join(TRANSPORTS[change % 3])
        ledger.injections += 1
    await writing
    await alice.has(cast.chat, amount)
    seqs = [seq for _, _, seq, _ in alice.state.applied]
    assert seqs == list(range(1, amount + 1))
    assert reorders(alice) == 0
    assert ledger.injections >= 9


async def test_polls_that_alternate_between_processes_lose_and_duplicate_nothing(
    servers, cast, listener
):
    bob = await listener(servers[0], cast.bob).join()
    alice = listener(servers[0], cast.alice, "poll")
    applied = alice.state.applied
    await alice.join()
    async with (
        alice.http() as here,
        listener(servers[1], cast.alice, key=alice.key).http() as there,
    ):
        await alice.cut()
        writing = asyncio.create_task(say(bob, cast.chat, 60))
        after = "unknown"
        for turn in range(200):
            http = (here, there)[turn % 2]
            body = {"type": "resume", "ref": "x", **alice.state.resume()}
            answer = await http.post("events", json=body, params={"after": after})
            after = answer.headers["Parley-Next"]
            for event in answer.json():
                assert alice.state.apply(event) is False
            if len(applied) == 60:
                break
        await writing
    assert [seq for _, _, seq, _ in applied] == list(range(1, 61))


async def say(device, chat, amount):
    for number in range(amount):
        await device.send(chat, str(number))


@pytest.mark.parametrize("way", TRANSPORTS)
async def test_signing_out_ends_the_listeners_of_that_session_only(servers, cast, listener, way):
    here = await listener(servers[0], cast.alice, way).join()
    there = await listener(servers[1], cast.alice, way, key=here.key).join()
    other = await listener(servers[1], cast.alice, way).join()
    bob = await listener(servers[0], cast.bob).join()
    async with here.http() as http:
        assert (await http.delete("session")).status_code == 204
    codes = await asyncio.gather(here.ended(AT_ONCE_S), there.ended(AT_ONCE_S))
    assert codes == [SIGNED_OUT[way]] * 2
    await bob.send(cast.chat, "not for who has gone")
    await other.has(cast.chat, 1)
    assert happened(here) == happened(there) == []


def end_one(user, device):
    row = Session.objects.get(session_key=device.key)
    devices.end(user.id, row.device_id)


def end_others(user, device):
    devices.end_others(user.id, keep="of no device")


def end_all(user, device):
    devices.end_all(user.id)


@pytest.mark.parametrize("ending", [end_one, end_others, end_all])
@pytest.mark.parametrize("way", TRANSPORTS)
async def test_ending_a_device_ends_its_listeners_on_every_server(
    servers, cast, listener, way, ending
):
    here = await listener(servers[0], cast.alice, way).join()
    there = await listener(servers[1], cast.alice, way, key=here.key).join()
    bob = await listener(servers[1], cast.bob).join()
    await asyncio.to_thread(database, ending, cast.alice, here)
    codes = await asyncio.gather(here.ended(AT_ONCE_S), there.ended(AT_ONCE_S))
    assert codes == [SIGNED_OUT[way]] * 2
    assert not await bob.lost(within=0)


def wait_for_use(row, before):
    """The row, once the check of a server has written it."""
    deadline = time.monotonic() + BY_THE_CHECK_S * 2
    while row.get().used_at == before and time.monotonic() < deadline:
        time.sleep(0.1)
    return row.get()


async def test_an_open_connection_counts_as_use_of_its_device(one_server, cast, listener):
    devices = [listener(one_server, cast.alice, way) for way in TRANSPORTS]
    long_ago = timezone.now() - timedelta(days=1)
    rows = [Session.objects.filter(session_key=one.key) for one in devices]
    for row in rows:
        database(row.update, used_at=long_ago, agent="an older one")
    for one in devices:
        await one.join()
    for row in rows:
        found = await asyncio.to_thread(database, wait_for_use, row, long_ago)
        assert found.used_at > long_ago
        assert (found.address, found.agent != "an older one") == ("127.0.0.1", True)


async def test_without_redis_the_session_check_ends_listeners(
    servers, cast, listener, valkey_server
):
    here = await three(listener, servers[0], cast.alice)
    there = await three(listener, servers[1], cast.alice)
    bobs = await three(listener, servers[1], cast.bob)
    valkey_server.process.kill()
    valkey_server.process.wait()
    try:
        for one in here:
            async with one.http() as http:
                assert (await http.delete("session")).status_code == 204
        await asyncio.to_thread(database, accounts.deactivate, cast.alice.id)
        codes = await asyncio.gather(*(one.ended(BY_THE_CHECK_S) for one in (*here, *there)))
        assert codes == [SIGNED_OUT[way] for way in TRANSPORTS] * 2
        for bob in bobs:
            assert not await bob.lost(within=0)
    finally:
        await asyncio.to_thread(database, valkey_server.restart)


@pytest.mark.parametrize("redis", [True, False], ids=["redis", "no redis"])
@pytest.mark.parametrize("way", TRANSPORTS)
async def test_a_removed_member_gets_no_event_after_the_removal(
    servers, cast, listener, valkey_server, way, redis
):
    chat = await asyncio.to_thread(
        database, groups.create_group, cast.alice.id, "Three", [cast.bob.id]
    )
    bob = await listener(servers[1], cast.bob, way).join()
    alice = await listener(servers[0], cast.alice).join()
    await alice.send(chat, "for both")
    await bob.knows(lambda state: "for both" in state.texts(str(chat)))
    try:
        if not redis:
            valkey_server.process.kill()
            valkey_server.process.wait()
        await alice.call("member.remove", chat=str(chat), person=str(cast.bob.id))
        await alice.send(chat, "for Alice alone")
        within = AT_ONCE_S if redis else BY_THE_CHECK_S
        await bob.until(lambda event: event["type"] == "left", within=within)
    finally:
        if not redis:
            await asyncio.to_thread(database, valkey_server.restart)
    await alice.send(cast.chat, "a fence")
    await bob.has(cast.chat, 1)
    # Nor after they reconnect with their cursors.
    await bob.cut()
    await bob.join()
    removal = [
        event["rev"]
        for event in alice.events
        if event["type"] == "member" and event["member"]["left"]
    ]
    revs = [
        event["rev"] for event in bob.events if event.get("chat") == str(chat) and "rev" in event
    ]
    assert max(revs) <= removal[0]
    assert "for Alice alone" not in "".join(bob.frames)


@pytest.mark.parametrize("way", TRANSPORTS)
async def test_outsiders_never_receive_a_frame_of_others(one_server, cast, listener, way):
    charlie = await listener(one_server, cast.charlie, way).join()
    alice = await listener(one_server, cast.alice, way).join()
    bob = await listener(one_server, cast.bob, way).join()
    await alice.send(cast.chat, "a secret")
    await bob.has(cast.chat, 1)
    await bob.call("typing", chat=str(cast.chat))
    await alice.until(lambda event: event["type"] == "typing")
    # Nor does a resume that claims to hold the chat.
    charlie.state.cursors[str(cast.chat)] = 0
    await charlie.resume()
    await alice.call("contact.invite", person=str(cast.charlie.id))
    await charlie.knows(lambda state: len(state.contacts) == 1)
    raw = "".join(charlie.frames)
    for private in (str(cast.chat), "a secret", str(cast.bob.id)):
        assert private not in raw


@pytest.mark.parametrize("way", TRANSPORTS)
async def test_presence_is_right_again_when_a_listener_comes_back(servers, cast, listener, way):
    database(in_touch, cast.bob, cast.charlie)
    alice = await listener(servers[0], cast.alice, way).join()
    charlie = await listener(servers[1], cast.charlie).join()
    him = str(cast.bob.id)
    assert not alice.state.presence.get(him)
    bob = await listener(servers[1], cast.bob, way).join()
    for one in (alice, charlie):
        await one.knows(lambda state: state.presence.get(him) is True)
    await alice.cut()
    await bob.cut()
    await charlie.knows(lambda state: not state.presence.get(him))
    await alice.join()
    await alice.knows(lambda state: not state.presence.get(him))


@pytest.mark.parametrize("way", ["stream", "poll"])
async def test_a_listener_who_is_away_is_shown_as_away(one_server, cast, listener, way):
    bob = await listener(one_server, cast.bob).join()
    alice = listener(one_server, cast.alice)
    address = {"stream": "events/stream", "poll": "events"}[way]
    async with alice.http() as http:
        asking = http.stream("GET", address, params={"state": "away"})
        async with asking as answer:
            assert answer.status_code == 200
            await bob.until(
                lambda event: (
                    event["type"] == "presence"
                    and event["people"][0]["online"]
                    and event["people"][0]["away"]
                )
            )


async def test_the_last_process_that_ends_tells_its_listeners_to_come_back_later(
    fresh_servers, cast, listener, own_redis, settings
):
    # No other server is heard there.
    [server] = fresh_servers(1, REDIS_URL=settings.REDIS_URL)
    devices = await three(listener, server, cast.alice)
    server.drain()
    *codes, polled = [await one.ended() for one in devices]
    assert codes == [1012, CloseCode.RESTARTING]
    assert devices[0].of_type("reconnect") == []
    # None: no request was waiting at that moment, and the next one reached no server.
    assert polled in (503, None)


def test_retries_of_refused_polls_are_spread():
    """As after close code 1012: all clients are told at the same moment."""
    waits = [_refusal(CloseCode.RESTARTING).retry_after for _ in range(200)]
    assert min(waits) >= 1
    assert max(waits) <= 10
    assert max(waits) - min(waits) > 5
