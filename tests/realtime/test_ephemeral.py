"""What is ephemeral is the first thing to be dropped; what is durable never is."""

import asyncio
from uuid import uuid4

from apps.realtime.connection import Connection
from apps.realtime.envelope import Envelope
from apps.realtime.feed import Feed
from apps.realtime.outgoing import Flusher, Outgoing
from apps.realtime.relay import MAX_QUEUED, Relay


class Peer:
    """A connection whose other end reads only when it is told to."""

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


async def test_a_peer_that_does_not_read_gets_everything_but_what_was_ephemeral():
    flusher = Flusher(asyncio.get_running_loop())
    slow, quick = Peer(flusher), Peer(flusher)
    quick.reads.set()
    feed = Feed("chat", uuid4())
    feed.listeners |= {slow.connection, quick.connection}
    feed.send([(1, '"first"')])
    # Both were written to in the same round; the one that reads says that it is over.
    await asyncio.wait_for(quick.came.wait(), 20)
    assert slow.connection.outgoing.busy
    assert not quick.connection.outgoing.busy
    feed.send_ephemeral('"typing"')
    feed.send([(2, '"last"')])
    slow.reads.set()
    await asyncio.wait_for(asyncio.gather(slow.all_read.wait(), quick.all_read.wait()), 20)
    assert slow.frames == ['"first"', '"last"']
    assert quick.frames == ['"first"', '["typing","last"]']


async def test_between_processes_ephemeral_hints_go_first_when_too_much_waits():
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
