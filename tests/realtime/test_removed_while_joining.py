"""A connection comes while its person is being removed: no word of what follows reaches it."""

import asyncio
import json

import pytest

from apps.chats.actions import groups
from apps.realtime import resume as resuming
from apps.realtime.connection import Connection
from apps.realtime.envelope import Envelope
from apps.realtime.hub import Hub
from apps.realtime.outgoing import Outgoing
from apps.wire.commands import Resume
from tests.support.live import database


class RecordingTransport:
    """A line that keeps what is written on it."""

    def __init__(self):
        self.frames = []

    async def write(self, frame):
        self.frames.append(frame)

    async def close(self, code):
        self.frames.append(code)


@pytest.fixture
def transport():
    return RecordingTransport()


async def test_whoever_is_removed_between_the_two_reads_hears_nothing_of_the_chat(
    cast, transport, monkeypatch
):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    hub = Hub(asyncio.get_running_loop())
    outgoing = Outgoing(transport, hub.flusher)
    connection = Connection(person=cast.bob.id, session_key="bob", outgoing=outgoing)
    read_heads = resuming.chat_list.heads

    def removed_after(person):
        heads = read_heads(person)
        if crew in heads:
            groups.remove_member(cast.alice.id, crew, person=cast.bob.id)
        return heads

    # The first of the two reads alone: the second calls it in one snapshot with all others.
    monkeypatch.setattr(resuming.chat_list, "heads", removed_after)
    in_database = resuming.in_database

    async def once(work, *args):
        found = await in_database(work, *args)
        monkeypatch.setattr(resuming.chat_list, "heads", read_heads)
        return found

    monkeypatch.setattr(resuming, "in_database", once)
    await resuming.resume(hub, connection, Resume(ref="1"))
    feed = hub.feeds[crew]
    assert connection not in feed.listeners
    assert connection not in feed.joining
    secret = json.dumps({"type": "message", "text": "after they had gone"})
    hub.deliver([Envelope("chat", crew, 10_000, None, secret, None, False)])
    await asyncio.sleep(0)
    assert "after they had gone" not in "".join(transport.frames)
    assert str(cast.chat) in "".join(transport.frames)
