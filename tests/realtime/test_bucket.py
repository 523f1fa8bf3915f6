"""Token buckets, and the refusals of a connection that they count."""

import asyncio
from uuid import uuid4

import pytest

from apps.core import token_bucket
from apps.realtime.connection import Connection
from apps.realtime.dispatcher import MAX_REFUSALS, REFUSALS_FORGIVEN_PER_S, Dispatcher
from apps.realtime.outgoing import Flusher, Outgoing
from apps.realtime.server import Server
from apps.wire.close_codes import CloseCode


class Clock:
    """A clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class RecordingTransport:
    """Records the close code."""

    def __init__(self) -> None:
        self.ended: CloseCode | None = None

    async def write(self, frame: str) -> None:
        """Do nothing."""

    async def close(self, code: CloseCode) -> None:
        """Record the code."""
        self.ended = code


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(token_bucket, "monotonic", clock)
    return clock


def test_a_bucket_refills_up_to_its_size(clock):
    made = token_bucket.TokenBucket(rate=2, size=4)
    assert [made.acquire() for _ in range(5)] == [0, 0, 0, 0, 0.5]
    clock.now += 1
    assert [made.acquire() for _ in range(3)] == [0, 0, 0.5]
    clock.now += 1000
    assert [made.acquire() for _ in range(5)] == [0, 0, 0, 0, 0.5]


async def test_refusals_of_a_connection_decay(clock):
    transport = RecordingTransport()
    connection = Connection(
        person=uuid4(),
        session_key="",
        outgoing=Outgoing(transport, Flusher(asyncio.get_running_loop())),
    )
    dispatcher = Dispatcher(Server(), connection)

    async def ask(times: int) -> CloseCode | None:
        for _ in range(times):
            await dispatcher.handle("garbage")
            await asyncio.sleep(0)
        return transport.ended

    assert await ask(MAX_REFUSALS) is None
    clock.now += 60 / REFUSALS_FORGIVEN_PER_S
    assert await ask(60) is None
    assert await ask(1) == CloseCode.TOO_MANY
