"""Presence counts, and what happens to them while Redis or PostgreSQL is unavailable."""

import asyncio
import gc
import logging
import signal
import threading
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from apps.accounts.models import User
from apps.core.outage_log import OutageLog
from apps.realtime import handshake
from apps.realtime.gathered_reads import MAX_QUESTIONS
from apps.realtime.presence import connected, last_seen, service, watchers
from apps.realtime.presence import store as store_module
from apps.realtime.presence.last_seen import LastSeen
from apps.realtime.presence.service import Presence
from apps.realtime.presence.store import PresenceCount, PresenceStore
from apps.realtime.relay import Relay
from tests.support.live import database
from tests.support.recording import connect, eventually


class Others:
    """The entries of other processes in Redis. `away`: Redis is unavailable."""

    def __init__(self):
        self.online = set()
        self.away = False

    async def execute(self, calls):
        if self.away:
            raise TimeoutError
        return {person: PresenceCount(*[int(person in self.online)] * 2) for person in calls}

    def with_own(self, presence):
        """As `execute`, with the entries of this process added."""

        async def execute(calls):
            elsewhere = await self.execute(calls)
            own_count = presence.connected.count_of
            return {
                person: PresenceCount(*map(sum, zip(count, own_count(person), strict=True)))
                for person, count in elsewhere.items()
            }

        return execute


@pytest.fixture
def others(monkeypatch):
    made = Others()
    monkeypatch.setattr(PresenceStore, "_execute", lambda _, calls: made.execute(calls))
    return made


@pytest.fixture
async def presence(hub, others, monkeypatch):
    monkeypatch.setattr(connected, "GRACE_S", 0.01)
    return Presence(hub.loop, Relay(hub.deliver))


def online_states(transport, person):
    found = [one for e in transport.events if e["type"] == "presence" for one in e["people"]]
    return [one["online"] for one in found if one["person"] == str(person)]


async def test_contacts_do_not_go_offline_while_redis_is_unavailable(cast, hub, presence, others):
    connection, transport = connect(hub, cast.alice.id)
    others.online = {cast.bob.id}
    await presence.watchers.watch(connection, [cast.bob.id])
    others.away = True
    await presence.watchers._refresh([cast.bob.id])
    others.away, others.online = False, set()
    await presence.watchers._refresh([cast.bob.id])
    await transport.until(lambda _: len(online_states(transport, cast.bob.id)) > 1)
    assert online_states(transport, cast.bob.id) == [True, False]


async def test_a_person_active_in_another_process_is_not_shown_away_while_redis_is_unavailable(
    cast, hub, presence, others
):
    watching, transport = connect(hub, cast.bob.id)
    others.online = {cast.alice.id}
    await presence.watchers.watch(watching, [cast.alice.id])
    connection, _ = connect(hub, cast.alice.id)
    presence.connected._store._execute = others.with_own(presence)
    presence.arrive(connection)
    await asyncio.gather(*presence.connected.tasks.running)
    others.away = True
    presence.connected.set_away(connection, away=True)
    await asyncio.gather(*presence.connected.tasks.running)
    assert online_states(transport, cast.alice.id) == [True]
    assert not any(one["away"] for e in transport.events for one in e.get("people", []))


async def test_set_away_after_the_end_of_a_connection_counts_nothing(cast, hub, presence):
    connection, _ = connect(hub, cast.alice.id)
    presence.arrive(connection)
    presence.depart(connection)
    presence.connected.set_away(connection, away=True)
    await eventually(lambda: not len(presence.connected))
    presence.connected.set_away(connection, away=False)
    assert not len(presence.connected)
    assert presence.connected.count_of(cast.alice.id) == PresenceCount()


async def test_a_connection_whose_registration_fails_is_forgotten(cast, hub, presence, monkeypatch):
    def fail(_):
        raise RuntimeError

    monkeypatch.setattr(presence, "arrive", fail)
    connection, _ = connect(hub, cast.alice.id)
    departed = []
    monkeypatch.setattr(presence, "depart", departed.append)
    announcer = SimpleNamespace(arrived=lambda arrived: None)
    server = SimpleNamespace(hub=hub, presence=presence, announcer=announcer)
    with pytest.raises(RuntimeError):
        async with handshake.connected(server, connection):
            pass
    assert connection not in hub.connections
    assert departed == [connection]


async def test_last_seen_is_saved_when_postgresql_is_back(cast, hub, presence, monkeypatch):
    def away(_):
        raise OperationalError("no connection is free")

    write = last_seen.write
    monkeypatch.setattr(last_seen, "write", away)
    monkeypatch.setattr(service, "RENEW_INTERVAL_S", 0.05)
    connection, _ = connect(hub, cast.alice.id)
    presence.arrive(connection)
    await asyncio.gather(*presence.connected.tasks.running)
    presence.depart(connection)
    await eventually(lambda: presence._last_seen.unsaved and not presence.connected.tasks.running)
    running = asyncio.create_task(presence.run())
    monkeypatch.setattr(last_seen, "write", write)
    await eventually(lambda: not presence._last_seen.unsaved)
    running.cancel()

    def stored():
        return User.objects.get(id=cast.alice.id).last_seen_at

    assert database(stored) is not None


async def test_a_contact_is_watched_although_postgresql_was_unavailable(
    cast, hub, presence, others, monkeypatch
):
    def away(_):
        raise OperationalError("no connection is free")

    read = last_seen.read
    monkeypatch.setattr(last_seen, "read", away)
    connection, transport = connect(hub, cast.alice.id)
    await presence.watchers.watch(connection, [cast.bob.id])
    monkeypatch.setattr(last_seen, "read", read)
    await presence.watchers._refresh([cast.bob.id])
    await transport.until(lambda _: online_states(transport, cast.bob.id) == [False])


async def test_many_people_are_counted_in_parts_that_yield_to_other_tasks(monkeypatch):
    sizes, turns = [], 0

    async def execute(_, calls):
        sizes.append(len(calls))
        return dict.fromkeys(calls, PresenceCount(1, 1))

    async def count_turns():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(PresenceStore, "_execute", execute)
    other_task = asyncio.create_task(count_turns())
    people = [uuid4() for _ in range(store_module.MAX_IN_A_CALL * 3 + 1)]
    found = await PresenceStore().update(people, lambda _: PresenceCount(1, 1))
    other_task.cancel()
    assert len(found) == len(people)
    assert sizes == [store_module.MAX_IN_A_CALL] * 3 + [1]
    assert turns >= 3


async def test_people_who_arrive_and_leave_together_are_written_together(
    hub, presence, others, monkeypatch
):
    written, saved = [], []

    async def execute(calls):
        written.append(set(calls))
        await asyncio.sleep(0)
        return await Others.execute(others, calls)

    monkeypatch.setattr(others, "execute", execute)
    monkeypatch.setattr(last_seen, "write", lambda times: saved.append(set(times)))
    people = [uuid4() for _ in range(200)]
    connections = [connect(hub, person)[0] for person in people]
    for connection in connections:
        presence.arrive(connection)
    await eventually(lambda: not presence.connected.tasks.running)
    assert set().union(*written) == set(people)
    assert len(written) <= 2
    for connection in connections:
        presence.depart(connection)
    await eventually(lambda: not len(presence.connected) and not presence.connected.tasks.running)
    assert set().union(*saved) == set(people)


async def test_people_whose_watchers_arrive_together_are_looked_up_together(
    hub, presence, others, monkeypatch
):
    looked_up = []

    async def execute(calls):
        looked_up.append(len(calls))
        return await Others.execute(others, calls)

    monkeypatch.setattr(others, "execute", execute)
    contacts = [uuid4() for _ in range(200)]
    others.online = set(contacts)
    watching = [connect(hub, uuid4()) for _ in contacts]
    await asyncio.gather(
        *(
            presence.watchers.watch(connection, [contact])
            for (connection, _), contact in zip(watching, contacts, strict=True)
        )
    )
    await eventually(
        lambda: all(
            online_states(transport, contact) == [True]
            for (_, transport), contact in zip(watching, contacts, strict=True)
        )
    )
    # Two at once; then those who waited.
    assert sum(looked_up) == 200
    assert looked_up[:2] == [1, 1]
    assert len(looked_up) <= 2 + -(-198 // MAX_QUESTIONS)


@pytest.fixture
def hanging(others, monkeypatch):
    """Redis does not answer until this event is set."""
    answers = asyncio.Event()

    async def hang(calls):
        await answers.wait()
        return await others.execute(calls)

    monkeypatch.setattr(PresenceStore, "_execute", lambda _, calls: hang(calls))
    return answers


async def test_a_resume_does_not_wait_for_lookups_that_hang(
    cast, hub, presence, others, hanging, monkeypatch
):
    monkeypatch.setattr(watchers, "LOOKUP_TIMEOUT_S", 0.01)
    connection, transport = connect(hub, cast.alice.id)
    others.online = {cast.bob.id}
    async with asyncio.timeout(10):
        await presence.watchers.watch(connection, [cast.bob.id])
    assert not hanging.is_set()
    hanging.set()
    await transport.until(lambda _: online_states(transport, cast.bob.id))
    assert online_states(transport, cast.bob.id) == [True]


async def test_a_lookup_goes_on_without_the_connection_that_began_it(
    cast, hub, presence, others, hanging
):
    others.online = {cast.bob.id}
    connections = [connect(hub, cast.alice.id) for _ in range(4)]
    # Two lookups run at once, so the third one waits.
    asked = [[uuid4()], [uuid4()], [cast.bob.id], [cast.bob.id]]
    *ahead, first, second = (
        asyncio.ensure_future(presence.watchers.watch(connection, people))
        for (connection, _), people in zip(connections, asked, strict=True)
    )
    await eventually(lambda: second.done())
    first.cancel()
    hanging.set()
    await asyncio.gather(*ahead)
    _, transport = connections[-1]
    await transport.until(lambda _: online_states(transport, cast.bob.id))
    assert online_states(transport, cast.bob.id) == [True]


async def test_people_who_were_forgotten_during_their_lookup_are_watched_all_the_same(
    cast, hub, presence, others, hanging
):
    others.online = {cast.bob.id}
    connection, transport = connect(hub, cast.alice.id)
    watching = asyncio.ensure_future(presence.watchers.watch(connection, [cast.bob.id]))
    await eventually(lambda: connection.watched)
    await presence.watchers.refresh()
    marked = presence.watchers._subscriptions._marked
    marked.clear()
    hanging.set()
    await watching
    assert cast.bob.id in marked
    await transport.until(lambda _: online_states(transport, cast.bob.id))
    assert online_states(transport, cast.bob.id) == [True]


async def test_who_has_many_contacts_is_looked_up_with_fewer_others(hub, presence, others):
    many = [uuid4() for _ in range(watchers.MAX_LOOKED_UP_TOGETHER)]
    few = [uuid4()]
    others.online = {*many, *few}
    assert await presence.watchers._look_up([few, many, few]) == [None]
    assert await presence.watchers._look_up([many, few]) == [None]


@pytest.mark.parametrize("alone", [True, False])
async def test_changes_are_published_together_and_only_to_other_processes(
    hub, presence, others, monkeypatch, alone
):
    published = []

    async def publish_all(messages):
        published.append(set(messages))

    monkeypatch.setattr(Relay, "alone", alone)
    monkeypatch.setattr(presence._relay, "publish_all", publish_all)
    presence.connected._store._execute = others.with_own(presence)
    people = [uuid4() for _ in range(200)]
    for person in people:
        presence.arrive(connect(hub, person)[0])
    await eventually(lambda: not presence.connected.tasks.running)
    assert published == ([] if alone else [{f"presence.{person}" for person in people}])


async def test_a_time_is_not_written_again_while_it_is_being_written(monkeypatch):
    saved, go = [], threading.Event()

    def write(times):
        assert go.wait(30)
        saved.extend(times)

    monkeypatch.setattr(last_seen, "write", write)
    seen = LastSeen()
    people = [uuid4() for _ in range(10)]
    for person in people:
        seen.note(person, timezone.now())
    saves = [asyncio.ensure_future(seen.save()) for _ in people]
    await asyncio.sleep(0)
    seen.note(people[0], timezone.now())
    go.set()
    await asyncio.gather(*saves)
    assert sorted(saved) == sorted([*people, people[0]])
    assert not seen.unsaved


async def test_a_change_while_others_are_written_is_announced(hub, presence, others, monkeypatch):
    """Who leaves while their arrival is being written has left."""
    announced, go = [], asyncio.Event()

    async def execute(calls):
        await go.wait()
        return {}

    async def announce(changed):
        announced.extend((told.person, told.online, told.away) for told in changed)

    monkeypatch.setattr(others, "execute", execute)
    presence.connected._on_changes = announce
    (alice, _), (bob, _) = connect(hub, uuid4()), connect(hub, uuid4())
    presence.arrive(alice)
    await asyncio.sleep(0)
    presence.connected.set_away(alice, away=True)
    presence.arrive(bob)
    go.set()
    await eventually(lambda: not presence.connected.tasks.running)
    assert announced == [(alice.person, True, True), (bob.person, True, False)]


async def test_a_hanging_redis_keeps_no_connection_and_is_logged_once(
    own_redis, caplog, monkeypatch
):
    # An outage that no other test has begun.
    fresh = OutageLog(logging.getLogger("apps.realtime.redis_outage"), "Redis")
    monkeypatch.setattr(store_module, "redis_outage", fresh)
    store = PresenceStore()
    person = uuid4()
    assert await store.update([person], lambda _: PresenceCount(1, 1)) == {
        person: PresenceCount(1, 1)
    }
    own_redis.send_signal(signal.SIGSTOP)
    for _ in range(2):
        assert await store.update([person], lambda _: PresenceCount(1, 1)) == {}
    gc.collect()
    assert [record.name for record in caplog.records] == ["apps.realtime.redis_outage"]
    assert not store._redis.connection_pool._in_use_connections
