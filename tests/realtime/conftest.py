"""Fixtures of the realtime tests."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from apps.realtime.hub import Hub
from tests.support.live import *  # noqa: F403  its list of fixtures
from tests.support.stores import start_valkey


@pytest.fixture
async def hub() -> Hub:
    """A hub in this process, at rest: nothing is read for it unless a test asks for `repairs`."""
    return Hub(asyncio.get_running_loop())


@pytest.fixture
async def repairs(hub: Hub) -> AsyncIterator[None]:
    """Meanwhile the feeds of the hub that are behind catch up, as in a server."""
    tasks = [asyncio.create_task(work()) for work in (hub.healer.run, hub.catch_up.run)]
    yield
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()


@pytest.fixture
def own_redis(settings):
    """A Valkey that no other server of the tests uses, as REDIS_URL: its process."""
    store, settings.REDIS_URL = start_valkey()
    yield store.process
    store.process.send_signal(signal.SIGCONT)
    store.stop()
