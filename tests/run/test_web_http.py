"""Requests for a WebSocket begin their handshake in turn."""

import asyncio
from unittest.mock import Mock

import pytest
import uvicorn
from uvicorn.server import ServerState

from apps.wire.close_codes import CloseCode
from chatproject.run import web_http
from chatproject.run.web_http import Arrivals, HttpProtocol


class Request:
    """A request for a WebSocket, in place of uvicorn's protocol and its transport."""

    def __init__(self):
        self.loop = self
        self.transport = self
        self.now = 0.0
        self.closed = False
        self.waits_for_handshake = False
        self.begun = self.late = self.fails = False

    def time(self):
        return self.now

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = True

    def begin_handshake(self, arrivals, *, late):
        if self.fails:
            raise ValueError
        self.begun, self.late = True, late


def arrive(count):
    arrivals, requests = Arrivals(), [Request() for _ in range(count)]
    for request in requests:
        arrivals.add(request)
    return arrivals, requests


def begun(requests):
    return [n for n, request in enumerate(requests) if request.begun]


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch):
    monkeypatch.setattr(web_http, "MAX_HANDSHAKES", 2)


def test_others_wait_until_a_handshake_is_over():
    arrivals, requests = arrive(4)
    assert begun(requests) == [0, 1]
    assert [request.waits_for_handshake for request in requests] == [False, False, True, True]
    arrivals.end()
    assert begun(requests) == [0, 1, 2]
    arrivals.end()
    assert begun(requests) == [0, 1, 2, 3]


def test_who_has_gone_meanwhile_takes_nobodys_turn():
    arrivals, requests = arrive(5)
    requests[2].close()
    arrivals.end()
    assert begun(requests) == [0, 1, 3]


def test_a_handshake_that_does_not_begin_is_closed_and_stops_no_other():
    arrivals, requests = arrive(4)
    requests[2].fails = True
    arrivals.end()
    arrivals.end()
    assert requests[2].closed
    assert begun(requests) == [0, 1, 3]


def test_who_has_waited_for_too_long_takes_a_turn_to_be_told_so():
    arrivals, requests = arrive(4)
    requests[2].now = web_http.HANDSHAKE_WAIT_S + 1
    arrivals.end()
    assert begun(requests) == [0, 1, 2]
    assert [request.late for request in requests] == [False, False, True, False]


REQUEST = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_who_is_late_is_accepted_and_closed_with_a_code_and_the_turn_ends(monkeypatch):
    monkeypatch.setattr(web_http, "HANDSHAKE_WAIT_S", -1.0)
    config = uvicorn.Config(Mock(), http=HttpProtocol, ws_per_message_deflate=False)
    config.load()
    state = ServerState()
    written, all_closed = [], asyncio.Event()
    close_frame = b"\x88\x02" + CloseCode.RESTARTING.to_bytes(2)

    def write(data):
        written.append(data)
        if written.count(close_frame) == 2 * web_http.MAX_HANDSHAKES:
            all_closed.set()

    for _ in range(2 * web_http.MAX_HANDSHAKES):
        transport = Mock(**{"is_closing.return_value": False, "get_extra_info.return_value": None})
        transport.write.side_effect = write
        protocol = HttpProtocol(config, state, {})
        protocol.connection_made(transport)
        protocol.data_received(REQUEST)
    async with asyncio.timeout(30):
        await all_closed.wait()
    accepted = [data for data in written if data.startswith(b"HTTP/1.1 101")]
    assert len(accepted) == 2 * web_http.MAX_HANDSHAKES
