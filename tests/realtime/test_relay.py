"""The relay: hints between processes, received on one channel per process."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest

from apps.realtime import relay as relays
from apps.realtime.envelope import Envelope, unpack
from apps.realtime.hub import Hub
from apps.realtime.relay import Relay, by_group, group_of


class Receiver:
    """A relay whose task can fail and start again, as under `Server`."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[list[Envelope]] = asyncio.Queue()
        self.fails = False
        self.relay = Relay(self._receive)
        self._task = asyncio.create_task(self.relay.receive())

    def _receive(self, envelopes: list[Envelope]) -> None:
        if self.fails:
            raise RuntimeError("a bad hint")
        self.received.put_nowait(envelopes)

    async def channel(self) -> None:
        """Wait until the channel is open."""
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
async def receiver():
    made = Receiver()
    yield made
    await made.stop()


@pytest.fixture
async def sender():
    made = Relay(lambda envelopes: None)
    task = asyncio.create_task(made.publish_queued())
    yield made
    task.cancel()


def hint(to):
    return Envelope("chat", to, 1, 0, '{"type":"message"}', None, False)


async def until_received(receiver, sender, to):
    """Send a hint until it is received: nothing tells a sender when a subscription stands."""
    async with asyncio.timeout(10):
        while True:
            sender.forward([hint(to)])
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    return await receiver.received.get()


async def subscribed(receiver, to):
    await receiver.channel()
    await receiver.relay.subscribe([group_of("chat", to)])


async def test_a_hint_reaches_another_process(receiver, sender):
    to = uuid4()
    await subscribed(receiver, to)
    assert await until_received(receiver, sender, to) == [hint(to)]


async def test_subscriptions_survive_a_failing_hint(receiver, sender):
    to = uuid4()
    await subscribed(receiver, to)
    await until_received(receiver, sender, to)
    receiver.fails = True
    sender.forward([hint(to)])
    await receiver.fail()
    assert await until_received(receiver, sender, to) == [hint(to)]


async def test_a_feed_reopened_while_it_is_unsubscribed_is_subscribed_again(receiver, sender):
    hub = Hub(asyncio.get_running_loop())
    await receiver.channel()
    opened = asyncio.Queue()
    keeping = asyncio.create_task(hub.subscriptions.run(receiver.relay, opened.put_nowait))
    one, other = uuid4(), uuid4()
    hub.open_feed("chat", one)
    hub.open_feed("chat", other)
    assert set(await asyncio.wait_for(opened.get(), 20)) == {one, other}
    discard = receiver.relay.unsubscribe

    async def reopen_first(groups):
        if groups:
            hub.open_feed("chat", other)
        await discard(groups)

    receiver.relay.unsubscribe = reopen_first
    hub.sweep()
    assert not hub.feeds
    await asyncio.wait_for(opened.get(), 20)
    assert set(hub.feeds) == {other}
    assert await asyncio.wait_for(opened.get(), 20) == [other]
    assert await until_received(receiver, sender, other) == [hint(other)]
    keeping.cancel()


async def test_a_feed_forgotten_before_its_turn_is_never_subscribed(receiver):
    hub = Hub(asyncio.get_running_loop())
    await receiver.channel()
    hub.open_feed("chat", uuid4())
    hub.sweep()
    kept = uuid4()
    hub.open_feed("chat", kept)
    asked = []
    subscribe = receiver.relay.subscribe

    async def subscribed_to(groups):
        asked.extend(groups)
        await subscribe(groups)

    receiver.relay.subscribe = subscribed_to
    opened = asyncio.Queue()
    keeping = asyncio.create_task(hub.subscriptions.run(receiver.relay, opened.put_nowait))
    await asyncio.wait_for(opened.get(), 20)
    assert asked == [group_of("chat", kept)]
    keeping.cancel()


async def test_many_feeds_are_subscribed_and_unsubscribed_in_few_commands(receiver, monkeypatch):
    hub = Hub(asyncio.get_running_loop())
    await receiver.channel()
    shard = receiver.relay._layer._get_layer()._shards[0]
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
    keeping = asyncio.create_task(hub.subscriptions.run(receiver.relay, opened.put_nowait))
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
    # Redis passes nothing on, so whether there are others is unknown.
    assert not relay.alone


async def test_the_relay_queue_does_not_grow_while_redis_hangs(monkeypatch):
    monkeypatch.setattr(relays, "REDIS_TIMEOUT_S", 0.2)
    relay = Relay(lambda batch: None)
    hangs, sent = True, []

    async def groups_send(messages):
        if hangs:
            await asyncio.sleep(60)
        sent.extend(messages)

    monkeypatch.setattr(relay._layer, "groups_send", groups_send)
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


async def test_hints_of_all_streams_that_wait_leave_in_one_round_trip(monkeypatch):
    """As the `read` events of everybody whose receipts were committed together."""
    relay = Relay(lambda batch: None)
    calls, done = [], asyncio.Event()

    async def groups_send(messages):
        calls.append(messages)
        done.set()

    monkeypatch.setattr(relay._layer, "groups_send", groups_send)
    people = [uuid4() for _ in range(20)]
    for person in people:
        relay.forward([hint(person), hint(person)])
    speaking = asyncio.create_task(relay.publish_queued())
    await done.wait()
    await asyncio.sleep(0)
    speaking.cancel()
    [messages] = calls
    assert set(messages) == {group_of("chat", person) for person in people}
    assert all(len(unpack(message["events"])) == 2 for message in messages.values())


async def test_long_hints_leave_in_several_round_trips(monkeypatch):
    relay = Relay(lambda batch: None)
    calls, done = [], asyncio.Event()

    async def groups_send(messages):
        calls.append(sum(len(message["events"]) for message in messages.values()))
        if len(calls) == 5:
            done.set()

    monkeypatch.setattr(relay._layer, "groups_send", groups_send)
    for _ in range(10):
        relay.forward([Envelope("chat", uuid4(), 1, 0, "x" * 500_000, None, False)])
    speaking = asyncio.create_task(relay.publish_queued())
    await asyncio.wait_for(done.wait(), 20)
    speaking.cancel()
    assert max(calls) < 1.1 * relays.MAX_CHARACTERS_TOGETHER


async def test_a_cancelled_announcement_ends_although_redis_raises_another_error(monkeypatch):
    relay = Relay(lambda batch: None)
    sending = asyncio.Event()

    async def group_send(*_):
        sending.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise OSError("the connection could not be closed") from None

    monkeypatch.setattr(relay._layer, "group_send", group_send)
    announcing = asyncio.create_task(relay.announce())
    await sending.wait()
    announcing.cancel()
    await asyncio.wait([announcing], timeout=1)
    assert announcing.cancelled()


async def test_a_process_does_not_receive_its_own_hints(receiver):
    to = uuid4()
    await subscribed(receiver, to)
    speaking = asyncio.create_task(receiver.relay.publish_queued())
    receiver.relay.forward([hint(to)])
    other = Relay(lambda envelopes: None)
    also = asyncio.create_task(other.publish_queued())
    later = Envelope("chat", to, 2, 1, '{"type":"message"}', None, False)
    other.forward([later])
    async with asyncio.timeout(10):
        assert await receiver.received.get() == [later]
    speaking.cancel()
    also.cancel()


def test_hints_are_grouped_by_stream_in_order():
    one, two = uuid4(), uuid4()
    items = [hint(one), hint(two), hint(one)]
    assert by_group(items) == {f"chat.{one}": [items[0], items[2]], f"chat.{two}": [items[1]]}
