"""Work by the clock: the checks of positions and sessions, heartbeats, watch requests."""

import asyncio
import threading
from functools import partial
from uuid import uuid4

import pytest
from django.db import OperationalError

from apps.chats.models import Chat
from apps.realtime import change_feed, heartbeats, position_check, session_check
from apps.realtime.feed import Ephemeral
from apps.realtime.hub import Hub
from apps.realtime.position_check import PositionCheck
from apps.realtime.presence import watchers
from apps.realtime.presence.service import Presence
from apps.realtime.relay import Relay
from apps.wire import epochs
from apps.wire.close_codes import CloseCode
from apps.wire.epochs import Line
from tests.support.live import database
from tests.support.recording import connect, eventually


class Epochs:
    """Replaces the table of epochs, because servers shared with other tests would see a new one."""

    def __init__(self):
        self.now = uuid4()
        self.begun = 0
        self.timeline = "00000001"
        self.synchronous = False
        # Checks run in threads, and only the first one of them begins an epoch.
        self._lock = threading.Lock()

    def line(self):
        return Line(self.now, self.timeline, synchronous=self.synchronous)

    def begin(self, *, after):
        with self._lock:
            if after == self.now:
                self.now = uuid4()
                self.begun += 1
            return self.now


@pytest.fixture(autouse=True)
def history(monkeypatch):
    made = Epochs()
    monkeypatch.setattr(epochs, "line", made.line)
    monkeypatch.setattr(epochs, "begin", made.begin)
    return made


@pytest.fixture
async def checker(hub, monkeypatch):
    for module in (position_check, session_check):
        monkeypatch.setattr(module, "CHECK_INTERVAL_S", 0.05)
    return PositionCheck(hub)


@pytest.fixture
async def run():
    """`run(work)` as a background task, until the test ends."""
    tasks = []
    yield lambda work: tasks.append(asyncio.create_task(work()))
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()


def listen(hub, connection, chat, rev):
    hub.hold(connection, "chat", [chat])
    hub.join(connection, chat, rev)


def set_head(chat, rev):
    Chat.objects.filter(id=chat).update(rev=rev)


async def test_the_session_check_runs_while_the_position_check_fails(
    cast, hub, checker, run, monkeypatch
):
    def away(**_):
        raise OperationalError("no connection is free")

    monkeypatch.setattr(change_feed, "positions", away)
    _, transport = connect(hub, cast.alice.id, key="ended")
    run(checker.run)
    run(partial(session_check.run, hub))
    await eventually(lambda: transport.code is not None)
    assert transport.code == CloseCode.SIGNED_OUT


async def test_a_head_below_its_cursor_begins_one_epoch_for_all_processes(
    cast, hub, checker, history
):
    before = history.now
    other_hub = Hub(asyncio.get_running_loop())
    other = PositionCheck(other_hub)
    database(set_head, cast.chat, 100)
    connections = []
    for each in (hub, other_hub):
        connection, transport = connect(each, cast.alice.id)
        listen(each, connection, cast.chat, 100)
        connections.append(transport)
    for each in (checker, other):
        await each.check()
    assert [transport.code for transport in connections] == [None, None]
    # Like a failover to a replica that lacked the last two commits.
    database(set_head, cast.chat, 98)
    await asyncio.gather(checker.check(), other.check())
    await asyncio.gather(checker.check(), other.check())
    assert [transport.code for transport in connections] == [CloseCode.RESTARTING] * 2
    assert not hub.feeds
    assert not other_hub.feeds
    assert hub.epoch == other_hub.epoch == history.now != before
    # Only one epoch began: a new connection stays open.
    connection, transport = connect(hub, cast.alice.id)
    listen(hub, connection, cast.chat, 98)
    await checker.check()
    assert transport.code is None
    assert history.begun == 1


async def test_a_head_that_rises_during_the_position_check_begins_no_epoch(
    cast, hub, checker, history, monkeypatch
):
    """A cursor moves right after COMMIT, also while the check holds older heads."""
    connection, transport = connect(hub, cast.alice.id)
    database(set_head, cast.chat, 10)
    listen(hub, connection, cast.chat, 10)
    positions = change_feed.positions

    def slow(**cursors):
        found = positions(**cursors)
        set_head(cast.chat, 11)
        hub.feeds[cast.chat].cursor = 11
        return found

    monkeypatch.setattr(change_feed, "positions", slow)
    await checker.check()
    await checker.check()
    assert transport.code is None
    assert history.begun == 0


@pytest.mark.parametrize(("synchronous", "begun"), [(False, 1), (True, 0)])
async def test_a_promoted_server_begins_one_epoch_unless_its_commits_were_synchronous(
    cast, hub, checker, history, synchronous, begun
):
    other = PositionCheck(Hub(asyncio.get_running_loop()))
    history.synchronous = synchronous
    for each in (checker, other):
        await each.check()
    _, transport = connect(hub, cast.alice.id)
    history.timeline = ""  # a standby
    await checker.check()
    history.timeline, history.synchronous = "00000002", False
    for _ in range(2):
        await checker.check()
        await other.check()
    assert history.begun == begun
    assert transport.code == (CloseCode.RESTARTING if begun else None)


async def test_an_epoch_begun_elsewhere_closes_all_connections(cast, hub, checker, history):
    await checker.check()
    connection, transport = connect(hub, cast.alice.id)
    listen(hub, connection, cast.chat, 1)
    history.begin(after=history.now)
    await checker.check()
    assert transport.code == CloseCode.RESTARTING
    assert not connection.feeds
    # A resume that was reading at that moment joins no feed.
    hub.join(connection, cast.chat, 1)
    assert not hub.feeds


async def test_busy_connections_get_heartbeats_with_the_moved_chats(hub, run, monkeypatch):
    monkeypatch.setattr(heartbeats, "HEARTBEAT_INTERVAL_S", 1.0)
    connection, transport = connect(hub, uuid4())
    moved, quiet, late = uuid4(), uuid4(), uuid4()
    for chat in (moved, quiet, late):
        listen(hub, connection, chat, 5)
        hub.feeds[chat].moved_at = connection.heartbeat_at - 1
    hub.feeds[moved].moved_at = connection.heartbeat_at + 0.1
    hub.feeds[late].moved_at = connection.heartbeat_at + 0.1
    hub.hold(connection, "chat", [late])
    connection.resumed = True
    run(partial(heartbeats.run, hub))

    async def write():
        while True:
            hub.feeds[quiet].send_ephemeral([Ephemeral('{"type":"typing"}')])
            await asyncio.sleep(0.05)

    run(write)
    beat = await transport.until(lambda event: event["type"] == "heartbeat")
    # The connection is still catching up with `late`: that is no loss.
    assert beat["heads"] == {str(moved): 5}


async def test_a_contact_lost_at_the_end_of_a_resume_is_unwatched_after_it(
    db, hub, run, monkeypatch
):
    monkeypatch.setattr(watchers, "RESUMING_RETRY_S", 0.02)
    watching = Presence(hub.loop, Relay(hub.deliver)).watchers
    connection, _ = connect(hub, uuid4())
    lost = uuid4()
    connection.resuming = True
    run(watching.run_requests)
    watching.request(connection, lost, False)
    await asyncio.sleep(0.1)
    await watching.watch(connection, [lost])
    connection.resuming = False
    await eventually(lambda: lost not in connection.watched)
