"""The healer and catch-ups: an unreadable stream delays no other, and is retried."""

import logging
from uuid import uuid4

import pytest
from django.db import OperationalError

from apps.core.outage_log import OutageLog
from apps.realtime import backoff, catch_up, change_feed, healer
from apps.realtime.envelope import Envelope
from apps.realtime.outgoing import FRAME_CHARACTERS
from tests.support.recording import connect, eventually

pytestmark = pytest.mark.usefixtures("repairs")


class Stored:
    """Replaces the change feed: one change per stream, with revision 2; `poisoned` ones raise."""

    def __init__(self, monkeypatch):
        self.poisoned = set()
        self.error = ValueError("a row of another release")
        self.reads = []
        monkeypatch.setattr(change_feed, "behind", self._behind)
        monkeypatch.setattr(change_feed, "person_since", self._person_since)

    def _behind(self, *, chat_cursors, person_cursors):
        self.reads.append(set(chat_cursors))
        if self.poisoned & chat_cursors.keys():
            raise self.error
        return [
            Envelope("chat", id_, 2, 1, f'{{"type":"message","chat":"{id_}"}}', None, False)
            for id_ in chat_cursors
        ], set()

    def _person_since(self, person, since):
        self.reads.append({person})
        if person in self.poisoned:
            raise self.error
        return [], 2, True


@pytest.fixture(autouse=True)
def stored(monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_DELAY_S", 0.05)
    # An outage of another test may still count for some seconds.
    database = OutageLog(logging.getLogger(__name__), "PostgreSQL")
    for module in (healer, catch_up):
        monkeypatch.setattr(module, "RETRY_AFTER_S", 0.01)
        monkeypatch.setattr(module, "database_outages", database)
    return Stored(monkeypatch)


def listen(hub, connection, ids):
    hub.hold(connection, "chat", ids)
    for id_ in ids:
        hub.join(connection, id_, 1)


def of(id_):
    return lambda event: event["chat"] == str(id_)


async def test_an_unreadable_stream_does_not_stop_the_others(hub, stored, caplog):
    connection, transport = connect(hub, uuid4())
    chats = [uuid4() for _ in range(20)]
    listen(hub, connection, chats)
    stored.poisoned = {chats[7]}
    for id_ in chats:
        hub.healer.mark(hub.feeds[id_])
    for id_ in set(chats) - stored.poisoned:
        await transport.until(of(id_))
    # It is retried with backoff, and logged once.
    tries = stored.reads.count({chats[7]})
    await eventually(lambda: stored.reads.count({chats[7]}) >= tries + 3)
    assert len([r for r in caplog.records if "cannot be read" in r.message]) == 1
    stored.poisoned = set()
    await transport.until(of(chats[7]))
    assert len(transport.events) == len(chats)


async def test_streams_being_healed_survive_an_outage_of_postgresql(hub, stored, caplog):
    connection, transport = connect(hub, uuid4())
    other = uuid4()
    chats = [uuid4() for _ in range(5)]
    listen(hub, connection, chats)
    hub.hold(connection, "person", [other])
    hub.feeds[other].cursor = hub.feeds[other].first_cursor = 2
    stored.error = OperationalError("the server closed the connection")
    stored.poisoned = {*chats, connection.person}
    for id_ in chats:
        hub.healer.mark(hub.feeds[id_])
    hub.join(connection, other, 1)
    await eventually(lambda: len(stored.reads) >= 10)
    stored.poisoned = set()
    for id_ in chats:
        await transport.until(of(id_))
    assert {connection.person} in stored.reads
    lines = [r.message for r in caplog.records if "unavailable" in r.message]
    assert len(lines) == 1


async def test_healed_events_come_in_frames_of_bounded_size(hub):
    connection, transport = connect(hub, uuid4())
    chat = uuid4()
    listen(hub, connection, [chat])
    hub.hold(waiting := connect(hub, uuid4())[0], "chat", [chat])
    event = f'{{"type":"message","text":"{"x" * 1_000}"}}'
    hub.deliver([Envelope("chat", chat, n, n - 1, event, None, False) for n in range(2, 502)])
    hub.join(waiting, chat, 1)
    for one in (transport, waiting.outgoing._transport):
        await eventually(lambda one=one: len(one.events) == 500)
        assert max(map(len, one.frames)) < 1.1 * FRAME_CHARACTERS


async def test_several_failing_connections_do_not_double_the_backoff_of_their_stream(hub, stored):
    person = uuid4()
    connections = [connect(hub, person)[0] for _ in range(20)]
    for connection in connections:
        hub.hold(connection, "person", [person])
    feed = hub.feeds[person]
    feed.cursor = feed.first_cursor = 2
    stored.poisoned = {person}
    for connection in connections:
        hub.join(connection, person, 1)
    await eventually(lambda: len(stored.reads) >= 20)
    stored.poisoned = set()
    await eventually(lambda: feed.listeners == set(connections), within=2)


async def test_a_failed_catch_up_is_tried_again(hub, stored):
    connection, _ = connect(hub, uuid4())
    hub.hold(connection, "person", [connection.person])
    feed = hub.feeds[connection.person]
    feed.cursor = feed.first_cursor = 2
    stored.poisoned = {connection.person}
    hub.join(connection, connection.person, 1)
    await eventually(lambda: len(stored.reads) >= 3)
    assert connection in feed.joining
    stored.poisoned = set()
    await eventually(lambda: connection in feed.listeners)
