"""Requests for a WebSocket begin their handshake in turn."""

import pytest

from chatproject.run import web_http
from chatproject.run.web_http import Arrivals


class Request:
    """A request for a WebSocket, in place of uvicorn's protocol and its transport."""

    def __init__(self):
        self.loop = self
        self.transport = self
        self.now = 0.0
        self.closed = False
        self.waits_for_handshake = False
        self.begun = False

    def time(self):
        return self.now

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def begin_handshake(self, arrivals):
        self.begun = True


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


def test_who_has_waited_for_too_long_is_closed_and_comes_back_later():
    arrivals, requests = arrive(4)
    requests[2].now = web_http.HANDSHAKE_WAIT_S + 1
    arrivals.end()
    assert requests[2].closed
    assert begun(requests) == [0, 1, 3]
