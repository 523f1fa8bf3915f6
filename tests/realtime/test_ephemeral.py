"""Under pressure ephemeral events are dropped, durable ones never."""

import asyncio
from uuid import uuid4

from apps.realtime.connection import Connection
from apps.realtime.envelope import Envelope
from apps.realtime.feed import Ephemeral, Feed
from apps.realtime.outgoing import Flusher, Outgoing
from apps.realtime.relay import MAX_QUEUED, Relay


class Peer:
    """A connection whose peer reads only when `reads` is set."""

    def __init__(self, flusher):
        self.frames = []
        self.reads = asyncio.Event()
        self.came = asyncio.Event()
        self.all_read = asyncio.Event()
        self.connection = Connection(
            person=uuid4(),
            session_key="key",
            outgoing=Outgoing(self, flusher),
        )

    async def write(self, frame):
        await self.reads.wait()
        self.frames.append(frame)
        self.came.set()
        if "last" in frame:
            self.all_read.set()


async def test_a_slow_peer_gets_everything_but_ephemeral_events():
    flusher = Flusher(asyncio.get_running_loop())
    slow, quick = Peer(flusher), Peer(flusher)
    quick.reads.set()
    feed = Feed("chat", uuid4())
    feed.listeners |= {slow.connection, quick.connection}
    feed.send([(1, '"first"')])
    # Both were written to in the same iteration of the loop: the quick one shows that it is over.
    await asyncio.wait_for(quick.came.wait(), 20)
    assert slow.connection.outgoing.busy
    assert not quick.connection.outgoing.busy
    feed.send_ephemeral([Ephemeral('"typing"')])
    feed.send([(2, '"last"')])
    slow.reads.set()
    await asyncio.wait_for(asyncio.gather(slow.all_read.wait(), quick.all_read.wait()), 20)
    assert slow.frames == ['"first"', '"last"']
    assert quick.frames == ['"first"', '["typing","last"]']


async def test_a_long_relay_queue_drops_ephemeral_hints_first():
    relay = Relay(lambda batch: None)
    assert not relay.alone

    def hint(ephemeral):
        return Envelope("chat", uuid4(), None, None, "{}", None, ephemeral)

    relay.forward([hint(True), hint(False)])
    assert [len(batch) for batch in relay._queue._queue] == [2]
    for _ in range(MAX_QUEUED // 2):
        relay.forward([hint(False)])
    waiting = relay._queue.qsize()
    relay.forward([hint(True)])
    assert relay._queue.qsize() == waiting
    relay.forward([hint(True), hint(False)])
    assert relay._queue.qsize() == waiting + 1
    assert not relay._queue._queue[-1][0].ephemeral
