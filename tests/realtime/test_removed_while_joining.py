"""A connection resumes while its person is removed from a chat: it gets no later event."""

import asyncio
import json

import pytest

from apps.chats.actions import groups
from apps.realtime import resume as resuming
from apps.realtime.connection import Connection
from apps.realtime.envelope import Envelope
from apps.realtime.gathered_reads import in_threads
from apps.realtime.hub import Hub
from apps.realtime.outgoing import Outgoing
from apps.realtime.resume_parts import heads_of
from apps.wire.commands import Resume
from tests.support.live import database
from tests.support.people import session_of


class RecordingTransport:
    """Records frames and close codes."""

    def __init__(self):
        self.frames = []

    async def write(self, frame):
        self.frames.append(frame)

    async def close(self, code):
        self.frames.append(code)


@pytest.fixture
def transport():
    return RecordingTransport()


async def test_a_member_removed_between_the_two_reads_gets_no_event_of_the_chat(cast, transport):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    hub = Hub(asyncio.get_running_loop())
    outgoing = Outgoing(transport, hub.flusher)
    session = database(session_of, cast.bob)
    connection = Connection(person=cast.bob.id, session_key=session, outgoing=outgoing)

    def removed_after(people):
        heads = heads_of(people)
        if crew in heads[0]:
            groups.remove_member(cast.alice.id, crew, person=cast.bob.id)
        return heads

    # The first of the two reads; the second runs in one snapshot with the other reads.
    hub.heads = in_threads(removed_after, who=lambda person: person)
    await resuming.resume(hub, connection, Resume(ref="1"))
    feed = hub.feeds[crew]
    assert connection not in feed.listeners
    assert connection not in feed.joining
    secret = json.dumps({"type": "message", "text": "after they had gone"})
    hub.deliver([Envelope("chat", crew, 10_000, None, secret, None, False)])
    await asyncio.sleep(0)
    assert "after they had gone" not in "".join(transport.frames)
    assert str(cast.chat) in "".join(transport.frames)
