"""A connection resumes while its chats change: it misses nothing, and gets nothing of a chat that
its person has been removed from."""

import json
import threading

import pytest
from django.db import OperationalError

from apps.chats.actions import groups
from apps.realtime import change_feed
from apps.realtime import hub as hubs
from apps.realtime import resume as resuming
from apps.realtime.envelope import Envelope, envelopes
from apps.realtime.gathered_reads import in_threads
from apps.realtime.outgoing import EventBatch
from apps.realtime.resume_parts import read_parts
from apps.wire import publish
from apps.wire.commands import Resume
from tests.chats.factories import write
from tests.support.live import database
from tests.support.people import session_of
from tests.support.recording import connect, eventually

pytestmark = pytest.mark.usefixtures("repairs")


@pytest.fixture
def published(monkeypatch, hub):
    """Delivered to the hub once committed, as a sink does."""
    published = []

    def sink(batch):
        published.extend(batch)
        hub.loop.call_soon_threadsafe(hub.deliver, envelopes(batch))

    monkeypatch.setattr(publish, "sinks", [sink])
    return published


def joining(hub, user):
    return connect(hub, user.id, database(session_of, user))


def after_each_read(hub, *works):
    """Do one of these between the first reads of a part and what follows them. Returns how often a
    part was read."""
    left, reads = list(works), []

    def read(readers):
        found = read_parts(readers)
        reads.append(len(readers))
        if left:
            left.pop(0)()
        return found

    hub.parts = in_threads(read, who=lambda reader: reader.person)
    return reads


def texts(transport):
    found = (event for event in transport.events if event["type"] == "message")
    return [event["message"]["text"] for event in found]


async def test_without_changes_one_part_is_read(cast, hub, published):
    reads = after_each_read(hub)
    connection, _ = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    assert reads == [1]
    assert connection in hub.feeds[cast.chat].listeners


async def test_an_entry_after_the_read_comes_at_once(cast, hub, published):
    """Somebody listens to the chat already, so its cursor shows that something was missed."""
    other, _ = joining(hub, cast.alice)
    await resuming.resume(hub, other, Resume(ref="1"))
    reads = after_each_read(hub, lambda: write(cast.alice, cast.chat, "between"))
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    assert reads == [1, 1]
    database(write, cast.alice, cast.chat, "after")
    await eventually(lambda: texts(transport) == ["between", "after"])


async def test_an_entry_while_events_are_held_comes_after_what_was_read(cast, hub, published):
    other, _ = joining(hub, cast.alice)
    await resuming.resume(hub, other, Resume(ref="1"))
    works = (lambda text=text: write(cast.alice, cast.chat, text) for text in ("one", "two"))
    reads = after_each_read(hub, *works)
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    assert reads == [1, 1]
    await eventually(lambda: texts(transport) == ["one", "two"])


async def test_an_entry_of_a_chat_that_nobody_listened_to_is_found(cast, hub, published):
    reads = after_each_read(hub, lambda: write(cast.alice, cast.chat, "between"))
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    assert reads == [1]
    await eventually(lambda: texts(transport) == ["between"])


async def test_a_connection_that_resumes_again_gets_each_event_in_its_place(cast, hub, published):
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    came = len(transport.events)
    after_each_read(hub, lambda: write(cast.alice, cast.chat, "between"))
    await resuming.resume(hub, connection, Resume(ref="2"))
    await eventually(lambda: texts(transport) == ["between"])
    kinds = [event["type"] for event in transport.events[came:]]
    assert kinds.index("chats") < kinds.index("message")


@pytest.mark.parametrize("listened", [True, False])
async def test_a_member_removed_after_the_read_gets_no_event_of_the_chat(
    cast, hub, published, listened
):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    if listened:
        other, _ = joining(hub, cast.alice)
        await resuming.resume(hub, other, Resume(ref="1"))

    def remove():
        groups.remove_member(cast.alice.id, crew, person=cast.bob.id)
        write(cast.alice, crew, "after they had gone")

    after_each_read(hub, remove)
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    await eventually(lambda: any(event["type"] == "left" for event in transport.events))
    write_more = Envelope("chat", crew, 10_000, None, json.dumps({"type": "message"}), None, False)
    hub.deliver([write_more])
    await eventually(lambda: not any(feed.in_use for feed in hub.healer._behind))
    assert "after they had gone" not in "".join(transport.frames)
    assert connection not in hub.feeds[crew].connections
    assert connection in hub.feeds[cast.chat].listeners


@pytest.mark.parametrize("tried", [0, 1, 2])
async def test_a_member_removed_after_the_read_gets_nothing_ephemeral_while_healing_cannot_run(
    cast, hub, published, monkeypatch, tried
):
    """Before the healer has tried, while it tries, and after it has failed."""
    tries, go = [], threading.Event()

    def away(**_):
        tries.append(1)
        assert len(tries) != tried or go.wait(30)
        raise OperationalError("the server closed the connection")

    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    after_each_read(hub, lambda: groups.remove_member(cast.alice.id, crew, person=cast.bob.id))
    monkeypatch.setattr(change_feed, "behind", away)
    monkeypatch.setattr(hubs, "MAX_EPHEMERAL_WAIT_S", 0)
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    assert connection in hub.feeds[crew].listeners
    await eventually(lambda: len(tries) >= tried)
    hub.deliver([Envelope("chat", crew, None, None, '{"type":"typing"}', None, True)])
    await eventually(lambda: not hub._ephemeral)
    connection.outgoing.add(EventBatch(['{"type":"after"}']))
    await transport.until(lambda event: event["type"] == "after")
    go.set()
    assert not any(event["type"] == "typing" for event in transport.events)
