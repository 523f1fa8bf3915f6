"""Who may connect how often, and what becomes of work for those who have gone."""

import asyncio
import threading
from contextlib import suppress
from types import SimpleNamespace

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from apps.core import limits
from apps.core.errors import RateLimited
from apps.realtime import database, handshake
from apps.realtime.http import Disconnected, unless_disconnected
from apps.realtime.outgoing import FRAME_CHARACTERS, EventBatch, Flusher, Outgoing
from apps.realtime.transports import websocket
from apps.wire.close_codes import CloseCode
from tests.support.live import database as database_of
from tests.support.people import session_of

PROXY = {"TRUSTED_PROXIES": "127.0.0.1", "CONNECTS_PER_ADDRESS": "10"}


async def test_an_address_is_counted_before_anybody_is_looked_up(fresh_servers, cast, device):
    [server] = fresh_servers(1, **PROXY)
    headers = {"X-Forwarded-For": "203.0.113.7", "Cookie": "parley=nobody"}
    codes = []
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False) as http:
        for _ in range(12):
            answer = await http.get("events/stream", headers=headers)
            codes.append(answer.status_code)
        assert codes == [401] * 10 + [429] * 2
        assert answer.headers["Retry-After"]
        assert (await http.get("events", headers=headers)).status_code == 429
        # Another address, and this machine, are not concerned.
        other = await http.get("events", headers=headers | {"X-Forwarded-For": "203.0.113.8"})
        assert other.status_code == 401
    for _ in range(15):
        await (bob := device(server, cast.bob)).join()
        await bob.leave()


async def test_a_socket_beyond_the_limit_is_told_so(fresh_servers, cast):
    [server] = fresh_servers(1, **PROXY)
    key = database_of(session_of, cast.bob)
    headers = {"Cookie": f"parley={key}", "X-Forwarded-For": "203.0.113.9"}
    codes = []
    for _ in range(12):
        options = {"origin": server.url, "additional_headers": headers}
        async with connect(f"{server.websocket_url}/ws", **options) as socket:
            with suppress(ConnectionClosed):
                await socket.recv()  # the greeting
            codes.append(socket.close_code)
    assert codes == [None] * 10 + [CloseCode.TOO_MANY] * 2


def test_a_session_that_connects_without_end_is_told_to_wait(monkeypatch):
    few = limits.Limit("few-connects-of-session", 3, 30, in_process=True)
    monkeypatch.setattr(limits, "CONNECTS_OF_SESSION", few)
    scope = {"client": ("127.0.0.1", 1), "headers": []}
    for _ in range(3):
        handshake.check_attempt(scope, "one")
    with pytest.raises(RateLimited) as refusal:
        handshake.check_attempt(scope, "one")
    assert refusal.value.retry_after > 1
    handshake.check_attempt(scope, "another")


@pytest.fixture
def full_threads():
    """All database threads are busy until the event is set."""
    done = threading.Event()
    yield done
    done.set()


async def test_work_for_a_client_that_has_gone_is_never_begun(full_threads):
    busy = [
        asyncio.ensure_future(database.in_database(full_threads.wait, 30))
        for _ in range(database._threads._max_workers)
    ]
    begun = []
    messages = iter([{"type": "websocket.receive", "text": "x"}])

    async def receive():
        return next(messages, {"type": "websocket.disconnect"})

    incoming = websocket.Incoming(receive)
    assert (await incoming.next())["text"] == "x"
    with pytest.raises(Disconnected):
        await incoming.unless_disconnected(database.in_database(begun.append, "socket"))
    gone = asyncio.get_running_loop().create_future()
    gone.set_result(None)
    with pytest.raises(Disconnected):
        await unless_disconnected(database.in_database(begun.append, "stream"), gone)
    await asyncio.sleep(0.01)  # the cancelled work leaves the queue of the thread pool
    full_threads.set()
    await asyncio.gather(*busy)
    await database.in_database(begun.append, "last")
    assert begun == ["last"]


async def test_what_comes_while_work_is_done_is_not_lost():
    messages = iter([{"type": "websocket.receive", "text": "early"}])

    async def receive():
        return next(messages, {"type": "websocket.disconnect"})

    incoming = websocket.Incoming(receive)
    assert await incoming.unless_disconnected(asyncio.sleep(0.01, "done")) == "done"
    assert (await incoming.next())["text"] == "early"
    assert (await incoming.next())["type"] == "websocket.disconnect"


async def test_the_time_for_a_resume_ends_with_its_arrival(monkeypatch):
    monkeypatch.setattr(websocket, "RESUME_TIMEOUT_S", 0.01)
    codes = []
    connection = SimpleNamespace(
        resumed=False, resuming=True, outgoing=SimpleNamespace(close=codes.append)
    )
    watching = asyncio.ensure_future(websocket._resume_in_time(connection))
    done, _ = await asyncio.wait([watching], timeout=0.1)
    assert not done
    connection.resuming = False  # it failed, and no other comes
    await asyncio.wait_for(watching, 5)
    assert codes == [CloseCode.NO_RESUME]


class Transport:
    """Takes frames; `broken`: fails; `slow`: waits for `read`."""

    def __init__(self, *, broken=False, slow=False):
        self.frames = []
        self.broken, self.slow = broken, slow
        self.read = asyncio.Event()
        self.wrote = asyncio.Event()

    def write(self, frame):
        if self.broken:
            raise RuntimeError("no coroutine at all")
        return self._write(frame)

    async def _write(self, frame):
        self.frames.append(frame)
        self.wrote.set()
        if self.slow:
            self.read.clear()
            await self.read.wait()

    async def close(self, code):
        self.frames.append(code)


async def test_one_broken_connection_keeps_a_round_from_nobody():
    flusher = Flusher(asyncio.get_running_loop())
    lines = [Transport(), Transport(broken=True), Transport()]
    outgoings = [Outgoing(line, flusher) for line in lines]
    for outgoing in outgoings:
        outgoing.add(EventBatch(['{"a":1}']))
    await asyncio.sleep(0)
    assert [line.frames for line in lines] == [['{"a":1}'], [], ['{"a":1}']]
    assert [outgoing.closed for outgoing in outgoings] == [False, True, False]


async def test_frames_end_and_the_next_waits_until_the_peer_reads():
    line = Transport(slow=True)
    outgoing = Outgoing(line, Flusher(asyncio.get_running_loop()))
    event = f'"{"x" * 20_000}"'
    for _ in range(7):
        outgoing.add(EventBatch([event]))
    waiting = asyncio.ensure_future(outgoing.drain())
    for frames in (1, 2, 3):
        await line.wrote.wait()
        assert not waiting.done()
        assert len(line.frames) == frames
        line.wrote.clear()
        line.read.set()
    await waiting
    assert [frame.count("x") // 20_000 for frame in line.frames] == [3, 3, 1]
    assert max(map(len, line.frames)) < FRAME_CHARACTERS + 100
    assert not outgoing.busy


async def test_who_waits_for_a_peer_that_is_closed_waits_no_longer():
    line = Transport(slow=True)
    outgoing = Outgoing(line, Flusher(asyncio.get_running_loop()))
    outgoing.add(EventBatch(["1"]))
    waiting = asyncio.ensure_future(outgoing.drain())
    await asyncio.sleep(0)
    outgoing.close(CloseCode.TOO_SLOW)
    await asyncio.wait_for(waiting, 5)
