"""Hints between processes: taken on one channel for as long as the process lives."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest

from apps.realtime import relay as relays
from apps.realtime.envelope import Envelope
from apps.realtime.hub import Hub
from apps.realtime.relay import Relay, by_group, group_of


class Ear:
    """A relay whose task can fail and start again, as `Server` lets it."""

    def __init__(self) -> None:
        self.took: asyncio.Queue[list[Envelope]] = asyncio.Queue()
        self.fails = False
        self.relay = Relay(self._take)
        self._task = asyncio.create_task(self.relay.receive())

    def _take(self, envelopes: list[Envelope]) -> None:
        if self.fails:
            raise RuntimeError("a poison hint")
        self.took.put_nowait(envelopes)

    async def channel(self) -> None:
        """Wait until it has one."""
        async with asyncio.timeout(10):
            while True:
                try:
                    await self.relay.subscribe(["anything"])
                except ConnectionError:  # not yet
                    await asyncio.sleep(0)
                else:
                    return

    async def fail(self) -> None:
        with suppress(RuntimeError):
            await self._task
        self.fails = False
        self._task = asyncio.create_task(self.relay.receive())

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@pytest.fixture
async def ear():
    made = Ear()
    yield made
    await made.stop()


@pytest.fixture
async def mouth():
    made = Relay(lambda envelopes: None)
    task = asyncio.create_task(made.publish_queued())
    yield made
    task.cancel()


def hint(to):
    return Envelope("chat", to, 1, 0, '{"type":"message"}', None, False)


async def heard(ear, mouth, to):
    """Say it until it is heard: nothing tells a speaker when a subscription stands."""
    async with asyncio.timeout(10):
        while True:
            mouth.forward([hint(to)])
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    return await ear.took.get()


async def subscribed(ear, to):
    await ear.channel()
    await ear.relay.subscribe([group_of("chat", to)])


async def test_what_one_process_says_another_takes(ear, mouth):
    to = uuid4()
    await subscribed(ear, to)
    assert await heard(ear, mouth, to) == [hint(to)]


async def test_a_poison_hint_does_not_make_it_deaf_to_what_it_subscribed(ear, mouth):
    to = uuid4()
    await subscribed(ear, to)
    await heard(ear, mouth, to)
    ear.fails = True
    mouth.forward([hint(to)])
    await ear.fail()
    assert await heard(ear, mouth, to) == [hint(to)]


async def test_a_stream_left_and_opened_again_at_that_moment_is_heard(ear, mouth):
    hub = Hub(asyncio.get_running_loop())
    await ear.channel()
    opened = asyncio.Queue()
    keeping = asyncio.create_task(hub.subscriptions.run(ear.relay, opened.put_nowait))
    one, other = uuid4(), uuid4()
    hub.open_feed("chat", one)
    hub.open_feed("chat", other)
    assert set(await asyncio.wait_for(opened.get(), 20)) == {one, other}
    discard = ear.relay.unsubscribe

    async def meanwhile(groups):
        if groups:
            hub.open_feed("chat", other)
        await discard(groups)

    ear.relay.unsubscribe = meanwhile
    hub.sweep()
    assert not hub.feeds
    await asyncio.wait_for(opened.get(), 20)
    assert set(hub.feeds) == {other}
    assert await asyncio.wait_for(opened.get(), 20) == [other]
    assert await heard(ear, mouth, other) == [hint(other)]
    keeping.cancel()


async def test_a_stream_forgotten_before_its_turn_is_never_subscribed_to(ear):
    hub = Hub(asyncio.get_running_loop())
    await ear.channel()
    hub.open_feed("chat", uuid4())
    hub.sweep()
    kept = uuid4()
    hub.open_feed("chat", kept)
    asked = []
    subscribe = ear.relay.subscribe

    async def subscribed_to(groups):
        asked.extend(groups)
        await subscribe(groups)

    ear.relay.subscribe = subscribed_to
    opened = asyncio.Queue()
    keeping = asyncio.create_task(hub.subscriptions.run(ear.relay, opened.put_nowait))
    await asyncio.wait_for(opened.get(), 20)
    assert asked == [group_of("chat", kept)]
    keeping.cancel()


async def test_many_streams_are_subscribed_to_and_left_in_few_commands(ear, monkeypatch):
    hub = Hub(asyncio.get_running_loop())
    await ear.channel()
    shard = ear.relay._layer._get_layer()._shards[0]
    commands = []
    for name in ("subscribe", "unsubscribe"):
        run = getattr(shard._pubsub, name)

        async def counted(*groups, name=name, run=run):
            commands.append((name, len(groups)))
            await run(*groups)

        monkeypatch.setattr(shard._pubsub, name, counted)
    for _ in range(1_500):
        hub.open_feed("chat", uuid4())
    opened = asyncio.Queue()
    keeping = asyncio.create_task(hub.subscriptions.run(ear.relay, opened.put_nowait))
    before = len(shard._subscribed_to)
    for _ in range(2):
        await asyncio.wait_for(opened.get(), 20)
    hub.sweep()
    for _ in range(2):
        await asyncio.wait_for(opened.get(), 20)
    assert commands == [
        ("subscribe", 1_000),
        ("subscribe", 500),
        ("unsubscribe", 1_000),
        ("unsubscribe", 500),
    ]
    assert len(shard._subscribed_to) == before
    keeping.cancel()


async def test_a_process_is_alone_only_while_it_hears_itself(monkeypatch):
    relay = Relay(lambda batch: None)
    now = asyncio.get_running_loop().time()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    assert not relay.alone
    relay._heard(relay._name)
    assert not relay.alone
    now += 6.9
    relay._heard(relay._name)
    now += 0.2
    assert relay.alone
    relay._heard("another process")
    assert not relay.alone
    now += 7.1
    # Redis passes nothing on: that there are no others is not known.
    assert not relay.alone


async def test_nothing_piles_up_before_a_redis_that_hangs(monkeypatch):
    monkeypatch.setattr(relays, "REDIS_TIMEOUT_S", 0.2)
    relay = Relay(lambda batch: None)
    hangs, sent = True, []

    async def group_send(group, _):
        if hangs:
            await asyncio.sleep(60)
        sent.append(group)

    monkeypatch.setattr(relay._layer, "group_send", group_send)
    speaking = asyncio.create_task(relay.publish_queued())
    for _ in range(20):
        relay.forward([hint(uuid4())])
    await asyncio.sleep(0.1)
    for _ in range(20):
        relay.forward([hint(uuid4())])
    await asyncio.sleep(0.3)
    assert relay._queue.empty()
    hangs = False
    relay.forward([hint(newest := uuid4())])
    await asyncio.sleep(0.1)
    assert sent == [group_of("chat", newest)]
    speaking.cancel()


async def test_its_own_words_do_not_come_back(ear):
    to = uuid4()
    await subscribed(ear, to)
    speaking = asyncio.create_task(ear.relay.publish_queued())
    ear.relay.forward([hint(to)])
    other = Relay(lambda envelopes: None)
    also = asyncio.create_task(other.publish_queued())
    later = Envelope("chat", to, 2, 1, '{"type":"message"}', None, False)
    other.forward([later])
    async with asyncio.timeout(10):
        assert await ear.took.get() == [later]
    speaking.cancel()
    also.cancel()


def test_hints_are_sorted_by_stream_in_their_order():
    one, two = uuid4(), uuid4()
    items = [hint(one), hint(two), hint(one)]
    assert by_group(items) == {f"chat.{one}": [items[0], items[2]], f"chat.{two}": [items[1]]}
