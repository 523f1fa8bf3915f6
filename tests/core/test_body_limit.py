"""Bodies of requests are refused before the application stores them."""

import asyncio
import json

import pytest

from apps.core import body_limit
from apps.core.body_limit import BodyLimit
from apps.wire.limits import MAX_CHUNK_BYTES, MAX_FRAME_BYTES
from chatproject.asgi import application, max_body_bytes

LIMIT = 100


class Request:
    """One request whose body comes in `parts`; `None` never comes."""

    def __init__(self, *parts, headers=()):
        self.left = list(parts)
        self._headers = list(headers)
        self.sent = []
        self.read = b""

    async def receive(self):
        if not self.left or self.left[0] is None:
            await asyncio.Event().wait()
        part = self.left.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self.left)}

    async def send(self, event):
        self.sent.append(event)

    async def application(self, scope, receive, send):
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            self.read += event["body"]
            if not event["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run(self):
        scope = {"type": "http", "path": "/x", "headers": self._headers}
        await BodyLimit(self.application, max_bytes=lambda _: LIMIT)(scope, self.receive, self.send)
        return self.sent[0]["status"]

    @property
    def problem(self):
        return json.loads(self.sent[1]["body"])["code"]


async def test_a_body_within_the_limit_is_passed_on():
    request = Request(b"x" * 60, b"y" * 40)
    assert await request.run() == 200
    assert request.read == b"x" * 60 + b"y" * 40


async def test_a_declared_length_is_enough_to_refuse():
    request = Request(b"x" * 101, headers=[(b"content-length", b"101")])
    assert (await request.run(), request.problem) == (413, "too_long")
    assert (b"connection", b"close") in request.sent[0]["headers"]
    assert request.read == b""


async def test_the_response_to_a_refused_body_ends_after_the_body_was_dropped():
    """A connection that is closed before is reset: a proxy makes 502 of it."""
    order = []
    request = Request(b"x" * 50, b"y" * 50, b"z", headers=[(b"content-length", b"101")])
    receive, send = request.receive, request.send

    async def noted_receive():
        event = await receive()
        order.append(len(event["body"]))
        return event

    async def noted_send(event):
        order.append(event.get("more_body", "start"))
        await send(event)

    request.receive, request.send = noted_receive, noted_send
    assert await request.run() == 413
    assert order == ["start", True, 50, 50, 1, False]


async def test_a_refused_body_without_end_is_dropped_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(body_limit, "MAX_DROPPED_BYTES", 100)
    request = Request(*[b"x" * 60] * 5, headers=[(b"content-length", b"300")])
    assert await request.run() == 413
    assert len(request.left) == 3
    assert not request.sent[-1]["more_body"]


async def test_a_refused_body_that_does_not_come_is_waited_for_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(body_limit, "DROP_TIMEOUT_S", 0.01)
    request = Request(None, headers=[(b"content-length", b"101")])
    assert await request.run() == 413
    assert not request.sent[-1]["more_body"]


async def test_a_client_that_waits_to_be_told_sends_no_refused_body():
    headers = [(b"content-length", b"1000"), (b"expect", b"100-Continue")]
    request = Request(None, headers=headers)
    assert await asyncio.wait_for(request.run(), 5) == 413
    assert request.left == [None]


async def test_nothing_is_waited_for_after_the_whole_of_a_refused_body():
    request = Request(b"x" * 101)
    assert await asyncio.wait_for(request.run(), body_limit.DROP_TIMEOUT_S / 2) == 413


async def test_a_body_of_unknown_length_is_counted():
    request = Request(b"x" * 60, b"y" * 41, b"z")
    assert (await request.run(), request.problem) == (413, "too_long")
    assert request.read == b"x" * 60


@pytest.mark.parametrize("limit", ["STALL_TIMEOUT_S", "BODY_TIMEOUT_S"])
async def test_a_body_that_stops_is_given_up(monkeypatch, limit):
    monkeypatch.setattr(body_limit, limit, 0.05)
    request = Request(b"x", None)
    assert (await request.run(), request.problem) == (408, "unavailable")


async def test_a_response_may_take_longer_than_the_body(monkeypatch):
    monkeypatch.setattr(body_limit, "BODY_TIMEOUT_S", 0.01)
    request = Request(b"x")
    begun = asyncio.Event()

    async def slow(scope, receive, send):
        await receive()
        waiting = asyncio.ensure_future(receive())
        begun.set()
        await asyncio.wait([waiting], timeout=0.05)
        assert not waiting.done()
        waiting.cancel()
        await send({"type": "http.response.start", "status": 204, "headers": []})

    request.application = slow
    assert await request.run() == 204


async def test_what_is_shared_without_a_service_worker_is_answered_with_the_page():
    """However large it is, and before it has arrived."""
    request = Request(None)
    scope = {
        **{"type": "http", "method": "POST", "path": "/share", "query_string": b""},
        "headers": [(b"host", b"localhost"), (b"content-length", b"200000000")],
    }
    await asyncio.wait_for(application(scope, request.receive, request.send), 30)
    start = request.sent[0]
    headers = dict(start["headers"])
    assert (start["status"], headers[b"Location"]) == (302, b"/share?problem=lost")


def test_only_uploads_may_be_large():
    upload = "/api/v1/files/0193a000-0000-7000-8000-00000000f11e/content"
    assert max_body_bytes(upload) == MAX_CHUNK_BYTES + 1
    for path in ("/api/v1/files", f"{upload}/original", "/accounts/login/", f"/x{upload}"):
        assert max_body_bytes(path) == MAX_FRAME_BYTES
