"""Who is counted as here, and what becomes of it while Redis or PostgreSQL is away."""

import asyncio
import gc
import logging
import signal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import OperationalError

from apps.accounts.models import User
from apps.core.outages import Outage
from apps.realtime import handshake
from apps.realtime.hub import Hub
from apps.realtime.presence import board as board_module
from apps.realtime.presence import store as store_module
from apps.realtime.presence.board import PresenceBoard
from apps.realtime.presence.store import PresenceCount, PresenceStore
from apps.realtime.relay import Relay
from tests.support.live import database
from tests.support.recording import connect, eventually
from tests.support.stores import start_valkey


@pytest.fixture
async def hub():
    return Hub(asyncio.get_running_loop())


class Others:
    """What Redis says of other processes; nothing at all while it is away."""

    def __init__(self):
        self.online = set()
        self.away = False

    async def ask(self, asked):
        if self.away:
            raise TimeoutError
        return {person: PresenceCount(*[int(person in self.online)] * 2) for person in asked}

    def with_own(self, board):
        """As `ask`, with the marks of this process beside them."""

        async def ask(asked):
            elsewhere = await self.ask(asked)
            return {
                person: PresenceCount(*map(sum, zip(counted, board._own(person), strict=True)))
                for person, counted in elsewhere.items()
            }

        return ask


@pytest.fixture
def others(monkeypatch):
    made = Others()
    monkeypatch.setattr(PresenceStore, "_ask", lambda _, asked: made.ask(asked))
    return made


@pytest.fixture
async def board(hub, others, monkeypatch):
    monkeypatch.setattr(board_module, "GRACE_S", 0.01)
    return PresenceBoard(hub, Relay(hub.deliver))


def told_of(transport, person):
    found = [one for e in transport.events if e["type"] == "presence" for one in e["people"]]
    return [one["online"] for one in found if one["person"] == str(person)]


async def test_nobody_is_told_that_others_are_offline_while_redis_is_away(cast, hub, board, others):
    connection, transport = connect(hub, cast.alice.id)
    others.online = {cast.bob.id}
    await board.watch(connection, [cast.bob.id])
    others.away = True
    await board._look([cast.bob.id])
    others.away, others.online = False, set()
    await board._look([cast.bob.id])
    await transport.until(lambda _: len(told_of(transport, cast.bob.id)) > 1)
    assert told_of(transport, cast.bob.id) == [True, False]


async def test_who_is_active_elsewhere_is_not_told_to_be_away_while_redis_is_away(
    cast, hub, board, others
):
    watching, transport = connect(hub, cast.bob.id)
    others.online = {cast.alice.id}
    await board.watch(watching, [cast.alice.id])
    connection, _ = connect(hub, cast.alice.id)
    board._marks._ask = others.with_own(board)
    board.arrive(connection)
    await asyncio.gather(*board._tasks)
    others.away = True
    board.move(connection, away=True)
    await asyncio.gather(*board._tasks)
    assert told_of(transport, cast.alice.id) == [True]
    assert not any(one["away"] for e in transport.events for one in e.get("people", []))


async def test_a_command_that_comes_after_the_end_leaves_no_count_behind(cast, hub, board):
    connection, _ = connect(hub, cast.alice.id)
    board.arrive(connection)
    board.depart(connection)
    board.move(connection, away=True)
    await eventually(lambda: not board._here)
    board.move(connection, away=False)
    assert not board._here
    assert board._own(cast.alice.id) == PresenceCount()


async def test_a_connection_whose_arrival_fails_leaves_nothing_behind(
    cast, hub, board, monkeypatch
):
    def fail(_):
        raise RuntimeError

    monkeypatch.setattr(board, "arrive", fail)
    connection, _ = connect(hub, cast.alice.id)
    departed = []
    monkeypatch.setattr(board, "depart", departed.append)
    with pytest.raises(RuntimeError):
        async with handshake.connected(SimpleNamespace(hub=hub, presence=board), connection):
            pass
    assert connection not in hub.connections
    assert departed == [connection]


async def test_when_somebody_left_is_written_down_when_postgresql_is_back(
    cast, hub, board, monkeypatch
):
    def away(_):
        raise OperationalError("no connection is free")

    save = board_module._save_last_seen
    monkeypatch.setattr(board_module, "_save_last_seen", away)
    monkeypatch.setattr(board_module, "RENEW_INTERVAL_S", 0.05)
    connection, _ = connect(hub, cast.alice.id)
    board.arrive(connection)
    await asyncio.gather(*board._tasks)
    board.depart(connection)
    await eventually(lambda: cast.alice.id in board._left and not board._tasks)
    keeping = asyncio.create_task(board.keep())
    monkeypatch.setattr(board_module, "_save_last_seen", save)
    await eventually(lambda: not board._left)
    keeping.cancel()

    def last_seen():
        return User.objects.get(id=cast.alice.id).last_seen_at

    assert database(last_seen) is not None


async def test_a_contact_is_watched_though_postgresql_was_away_just_then(
    cast, hub, board, others, monkeypatch
):
    def away(_):
        raise OperationalError("no connection is free")

    look_up = board_module._last_seen
    monkeypatch.setattr(board_module, "_last_seen", away)
    connection, transport = connect(hub, cast.alice.id)
    await board.watch(connection, [cast.bob.id])
    monkeypatch.setattr(board_module, "_last_seen", look_up)
    await board._look([cast.bob.id])
    await transport.until(lambda _: told_of(transport, cast.bob.id) == [False])


async def test_many_people_are_asked_for_in_parts_with_a_turn_between(monkeypatch):
    sizes, turns = [], 0

    async def ask(_, asked):
        sizes.append(len(asked))
        return dict.fromkeys(asked, PresenceCount(1, 1))

    async def others_turn():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(PresenceStore, "_ask", ask)
    beside = asyncio.create_task(others_turn())
    people = [uuid4() for _ in range(store_module.MAX_IN_A_PIPELINE * 3 + 1)]
    found = await PresenceStore().put(people, lambda _: PresenceCount(1, 1))
    beside.cancel()
    assert len(found) == len(people)
    assert sizes == [store_module.MAX_IN_A_PIPELINE] * 3 + [1]
    assert turns >= 3


@pytest.fixture
def own_redis(settings):
    store, settings.REDIS_URL = start_valkey()
    yield store.process
    store.process.send_signal(signal.SIGCONT)
    store.stop()


async def test_a_redis_that_hangs_keeps_no_connection_and_is_logged_once(
    own_redis, caplog, monkeypatch
):
    # One that no other test has begun.
    fresh = Outage(logging.getLogger("apps.realtime.redis_outage"), "Redis")
    monkeypatch.setattr(store_module, "redis_outage", fresh)
    asked = PresenceStore()
    person = uuid4()
    assert await asked.put([person], lambda _: PresenceCount(1, 1)) == {person: PresenceCount(1, 1)}
    own_redis.send_signal(signal.SIGSTOP)
    for _ in range(2):
        assert await asked.put([person], lambda _: PresenceCount(1, 1)) == {}
    gc.collect()
    assert [record.name for record in caplog.records] == ["apps.realtime.redis_outage"]
    assert not asked._redis.connection_pool._in_use_connections
