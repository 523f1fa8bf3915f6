"""The handshake: limits of connecting, work for disconnected clients, and output."""

import asyncio
import threading
from contextlib import suppress
from types import SimpleNamespace

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from apps.core import limits
from apps.core.errors import RateLimited, Unavailable
from apps.realtime import database, handshake
from apps.realtime.authentication import Credentials
from apps.realtime.http import Disconnected, unless_disconnected
from apps.realtime.outgoing import FRAME_CHARACTERS, EventBatch, Flusher, Outgoing
from apps.realtime.transports import websocket
from apps.realtime.transports.websocket import Incoming
from apps.wire.close_codes import CloseCode
from tests.support.live import database as database_of
from tests.support.people import session_of
from tests.support.recording import eventually

PROXY = {"TRUSTED_PROXIES": "127.0.0.1", "CONNECTS_PER_ADDRESS": "10"}


async def test_connects_are_counted_by_address_before_the_session_is_read(
    fresh_servers, cast, device
):
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
        # Other addresses and loopback are not limited.
        other = await http.get("events", headers=headers | {"X-Forwarded-For": "203.0.113.8"})
        assert other.status_code == 401
    for _ in range(15):
        await (bob := device(server, cast.bob)).join()
        await bob.leave()


async def test_a_process_that_has_closed_its_connections_admits_nobody(monkeypatch):
    """A poll that it still opened would be cut off without a response seconds later."""
    ending = SimpleNamespace(ending=False, admissions=SimpleNamespace())

    async def ask(credentials):
        ending.ending = True  # while the session is read
        return "admitted"

    ending.admissions.ask = ask
    monkeypatch.setattr(handshake, "get_server", lambda: ending)
    with pytest.raises(Unavailable) as refused:
        await handshake.authenticate(Credentials("key"))
    assert refused.value.retry_after == 1


async def test_a_socket_beyond_the_connect_limit_is_closed_as_too_many(fresh_servers, cast):
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


def test_connects_of_one_session_are_limited(monkeypatch):
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
    """An event for which all database threads wait."""
    done = threading.Event()
    yield done
    done.set()


async def test_database_work_for_a_disconnected_client_never_begins(full_threads):
    busy = [
        asyncio.ensure_future(database.in_database(full_threads.wait, 30))
        for _ in range(database._threads._max_workers)
    ]
    begun = []
    messages = iter([{"type": "websocket.receive", "text": "x"}])

    async def receive():
        return next(messages, {"type": "websocket.disconnect"})

    incoming = Incoming(receive)
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


async def test_a_message_received_during_work_is_not_lost():
    messages = iter([{"type": "websocket.receive", "text": "early"}])

    async def receive():
        return next(messages, {"type": "websocket.disconnect"})

    incoming = Incoming(receive)
    assert await incoming.unless_disconnected(asyncio.sleep(0.01, "done")) == "done"
    assert (await incoming.next())["text"] == "early"
    assert (await incoming.next())["type"] == "websocket.disconnect"


async def test_a_running_resume_stops_the_resume_timeout(monkeypatch):
    monkeypatch.setattr(websocket, "RESUME_TIMEOUT_S", 0.01)
    codes = []
    outgoing = SimpleNamespace(closed=False, close=codes.append, loop=asyncio.get_running_loop())
    connection = SimpleNamespace(resumed=False, resuming=True, outgoing=outgoing)
    websocket.WebSocketConsumer()._close_unless_resumed(connection)
    await asyncio.sleep(0.1)
    assert codes == []
    connection.resuming = False  # the resume failed, and is not repeated
    await eventually(lambda: codes)
    assert codes == [CloseCode.NO_RESUME]


class Transport:
    """Records frames. `broken`: writes fail; `slow`: writes wait for `read`."""

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


async def test_a_broken_transport_does_not_stop_the_flush_of_others():
    flusher = Flusher(asyncio.get_running_loop())
    transports = [Transport(), Transport(broken=True), Transport()]
    outgoings = [Outgoing(transport, flusher) for transport in transports]
    for outgoing in outgoings:
        outgoing.add(EventBatch(['{"a":1}']))
    await asyncio.sleep(0)
    assert [transport.frames for transport in transports] == [['{"a":1}'], [], ['{"a":1}']]
    assert [outgoing.closed for outgoing in outgoings] == [False, True, False]


async def test_a_frame_is_built_once_for_connections_that_get_the_same_events():
    flusher = Flusher(asyncio.get_running_loop())
    transports = [Transport(), Transport(), Transport()]
    outgoings = [Outgoing(transport, flusher) for transport in transports]
    for text in ("1", "2"):
        batch = EventBatch([text])
        for outgoing in outgoings[:2]:
            outgoing.add(batch)
        outgoings[2].add(EventBatch([text]))
    await asyncio.sleep(0)
    [first], [second], [other] = (transport.frames for transport in transports)
    assert first == second == other == "[1,2]"
    assert first is second
    assert first is not other


async def test_long_output_is_split_into_frames_and_waits_for_the_peer():
    transport = Transport(slow=True)
    outgoing = Outgoing(transport, Flusher(asyncio.get_running_loop()))
    event = f'"{"x" * 20_000}"'
    for _ in range(7):
        outgoing.add(EventBatch([event]))
    waiting = asyncio.ensure_future(outgoing.drain())
    for frames in (1, 2, 3):
        await transport.wrote.wait()
        assert not waiting.done()
        assert len(transport.frames) == frames
        transport.wrote.clear()
        transport.read.set()
    await waiting
    assert [frame.count("x") // 20_000 for frame in transport.frames] == [3, 3, 1]
    assert max(map(len, transport.frames)) < FRAME_CHARACTERS + 100
    assert not outgoing.busy


async def test_drain_returns_when_the_connection_closes():
    transport = Transport(slow=True)
    outgoing = Outgoing(transport, Flusher(asyncio.get_running_loop()))
    outgoing.add(EventBatch(["1"]))
    waiting = asyncio.ensure_future(outgoing.drain())
    await asyncio.sleep(0)
    outgoing.close(CloseCode.TOO_SLOW)
    await asyncio.wait_for(waiting, 5)
