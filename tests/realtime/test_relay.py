"""Hints between processes: taken on one channel for as long as the process lives."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest

from apps.realtime.delivery import Delivery
from apps.realtime.hub import Hub
from apps.realtime.presence import PresenceBoard
from apps.realtime.relay import Relay, by_group, group_of
from apps.realtime.upkeep import Upkeep


class Ear:
    """A relay whose task can fail and start again, as `Server` lets it."""

    def __init__(self) -> None:
        self.took: asyncio.Queue[list[Delivery]] = asyncio.Queue()
        self.fails = False
        self.relay = Relay(self._take)
        self._task = asyncio.create_task(self.relay.receive())

    def _take(self, deliveries: list[Delivery]) -> None:
        if self.fails:
            raise RuntimeError("a poison hint")
        self.took.put_nowait(deliveries)

    async def channel(self) -> None:
        """Wait until it has one."""
        async with asyncio.timeout(10):
            while True:
                try:
                    await self.relay.subscribe(["anything"])
                except RuntimeError:  # not yet
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
    made = Relay(lambda deliveries: None)
    task = asyncio.create_task(made.send())
    yield made
    task.cancel()


def hint(to):
    return Delivery("chat", to, 1, 0, '{"type":"message"}', None, False)


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


async def test_a_stream_left_and_opened_again_at_that_moment_is_heard(ear, mouth, db):
    hub = Hub(asyncio.get_running_loop())
    upkeep = Upkeep(hub, ear.relay, PresenceBoard(hub, ear.relay))
    one, other = uuid4(), uuid4()
    await ear.channel()
    opening = asyncio.create_task(upkeep.subscribe())
    for to in (one, other):
        hub.feed("chat", to)
        await subscribed(ear, to)
    forgetting = asyncio.create_task(upkeep._forget())
    # It waits for the first to be given up, while somebody comes back to the second.
    await asyncio.sleep(0)
    assert not hub.feeds
    hub.feed("chat", other)
    await forgetting
    assert await heard(ear, mouth, other) == [hint(other)]
    opening.cancel()


async def test_its_own_words_do_not_come_back(ear):
    to = uuid4()
    await subscribed(ear, to)
    speaking = asyncio.create_task(ear.relay.send())
    ear.relay.forward([hint(to)])
    other = Relay(lambda deliveries: None)
    also = asyncio.create_task(other.send())
    later = Delivery("chat", to, 2, 1, '{"type":"message"}', None, False)
    other.forward([later])
    async with asyncio.timeout(10):
        assert await ear.took.get() == [later]
    speaking.cancel()
    also.cancel()


def test_hints_are_sorted_by_stream_in_their_order():
    one, two = uuid4(), uuid4()
    items = [hint(one), hint(two), hint(one)]
    assert by_group(items) == {f"chat.{one}": [items[0], items[2]], f"chat.{two}": [items[1]]}
