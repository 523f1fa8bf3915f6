"""State of a chat that comes together is one frame for each connection."""

import asyncio
import json
from uuid import uuid4

from apps.chats.actions.receipts import Moved, _publications
from apps.realtime import hub as hub_module
from apps.realtime.connection import Connection
from apps.realtime.envelope import Envelope, envelopes
from apps.realtime.hub import Hub
from apps.realtime.outgoing import Outgoing


class Peer:
    """A connection that listens to some streams."""

    def __init__(self, hub, person, *ids):
        self.frames = []
        self.came = asyncio.Event()
        self.connection = Connection(
            person=person, session_key="key", outgoing=Outgoing(self, hub.flusher)
        )
        for stream, id_ in ids:
            hub.hold(self.connection, stream, [id_])
            hub.join(self.connection, id_, 0)

    async def write(self, frame):
        self.frames.append(json.loads(frame))
        self.came.set()


async def test_twenty_receipts_of_a_chat_are_one_frame_with_ones_own_read_event():
    hub = Hub(asyncio.get_running_loop())
    chat, other = uuid4(), uuid4()
    people = [uuid4() for _ in range(20)]
    members = [Peer(hub, each, ("chat", chat), ("person", each)) for each in people]
    elsewhere = Peer(hub, people[0], ("chat", other))
    moved = [
        Moved(
            person=each,
            chat=chat,
            read=number,
            delivered=number,
            by_reading=True,
            by_receiving=True,
            shared=True,
            in_touch=True,
            person_rev=1,
        )
        for number, each in enumerate(people, start=1)
    ]
    hub.deliver(envelopes([each for row in moved for each in _publications(row)]))
    async with asyncio.timeout(20):
        for each in members:
            await each.came.wait()
    for person, member in zip(people, members, strict=True):
        [frame] = member.frames
        receipts = [event for event in frame if event["type"] == "receipt"]
        assert {event["position"]["person"] for event in receipts} == {str(each) for each in people}
        [own] = [event for event in frame if event["type"] == "read"]
        assert own["read_seq"] == people.index(person) + 1
        assert len(frame) == 21
    assert elsewhere.frames == []


def typing(chat, number):
    return Envelope("chat", chat, None, None, f'{{"typing":{number}}}', None, True)


async def test_people_who_type_share_a_frame():
    hub, chat, other = Hub(asyncio.get_running_loop()), uuid4(), uuid4()
    here, there = (Peer(hub, uuid4(), ("chat", each)) for each in (chat, other))
    for number in range(3):
        hub.deliver([typing(chat, number)])
        await asyncio.sleep(0)
    hub.deliver([typing(other, 0)])
    assert here.frames == there.frames == []
    async with asyncio.timeout(20):
        await asyncio.gather(here.came.wait(), there.came.wait())
    assert here.frames == [[{"typing": number} for number in range(3)]]
    assert there.frames == [{"typing": 0}]


async def test_typing_leaves_with_the_next_message_and_before_it(monkeypatch):
    monkeypatch.setattr(hub_module, "EPHEMERAL_DELAY_S", 3600)
    hub, chat = Hub(asyncio.get_running_loop()), uuid4()
    peer = Peer(hub, uuid4(), ("chat", chat))
    hub.deliver([typing(chat, 0)])
    hub.deliver([Envelope("chat", chat, 1, 0, '{"message":1}', None, False)])
    async with asyncio.timeout(20):
        await peer.came.wait()
    assert peer.frames == [[{"typing": 0}, {"message": 1}]]
    hub.deliver([Envelope("chat", chat, 2, 1, '{"message":2}', None, False)])
    peer.came.clear()
    async with asyncio.timeout(20):
        await peer.came.wait()
    assert peer.frames[1:] == [{"message": 2}]
