"""Requests and the threads that serve them."""

import asyncio
import threading

import pytest
from django.core.signals import request_finished
from django.http import HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from apps.core import page_handler
from apps.core.page_handler import PageHandler

served: list[int] = []
begun, release = threading.Event(), threading.Event()


def view(request):
    served.append(threading.get_ident())
    return HttpResponse(b"done")


def long_view(request):
    begun.set()
    assert release.wait(20)
    return view(request)


def parts_view(request):
    async def parts():
        yield b"a"
        yield b"b"

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("now", view),
    path("livez", view),
    path("long", long_view),
    path("parts", parts_view),
]


@pytest.fixture
def handler():
    served.clear()
    begun.clear()
    release.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield PageHandler()


class Exchange:
    """A request and the messages that respond to it."""

    def __init__(self, place):
        self.scope = {
            **{"type": "http", "method": "GET", "path": place, "query_string": b""},
            "headers": [(b"host", b"localhost")],
        }
        self.sent = []
        self.left = asyncio.Event()
        self._asked = False

    async def receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b""}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent)


async def until(happened):
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110  a thread does it
            await asyncio.sleep(0)


async def ask(handler, place):
    one = Exchange(place)
    await handler(one.scope, one.receive, one.send)
    return one


async def test_one_thread_serves_one_request_after_the_other(handler):
    for _ in range(5):
        assert (await ask(handler, "/now")).body == b"done"
        # The thread comes back a moment after the response.
        await until(lambda: handler._threads._idle)
    assert len(served) == 5
    assert len(set(served)) == 1


async def test_a_view_that_outlives_its_request_holds_up_no_other(handler):
    given_up = asyncio.create_task(ask(handler, "/long"))
    await asyncio.to_thread(begun.wait, 20)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    for _ in range(3):
        assert (await ask(handler, "/now")).body == b"done"
    release.set()
    assert (await ask(handler, "/long")).body == b"done"
    # With the view whose request was given up.
    await until(lambda: len(served) == 5)


async def test_more_requests_than_threads_are_refused_but_no_probe(handler, monkeypatch):
    monkeypatch.setattr(page_handler, "MAX_THREADS", 1)
    long = asyncio.create_task(ask(handler, "/long"))
    await asyncio.to_thread(begun.wait, 20)
    refused = (await ask(handler, "/now")).sent[0]
    assert (refused["status"], dict(refused["headers"])[b"Retry-After"]) == (503, b"1")
    assert (await ask(handler, "/livez")).body == b"done"
    release.set()
    assert (await long).body == b"done"
    await until(lambda: not handler._threads.busy)
    assert (await ask(handler, "/now")).body == b"done"


async def test_a_response_is_closed_once_whatever_it_is(handler):
    closed = []
    request_finished.connect(lambda **_: closed.append(1), weak=False, dispatch_uid=__name__)
    try:
        assert (await ask(handler, "/now")).body == b"done"
        assert closed == [1]
        assert (await ask(handler, "/parts")).body == b"ab"
        assert closed == [1, 1]
    finally:
        request_finished.disconnect(dispatch_uid=__name__)


async def test_a_stream_ends_when_its_client_goes_away(handler):
    one = Exchange("/parts")

    async def blocked(message):
        one.sent.append(message)
        one.left.set()
        await asyncio.Event().wait()

    await handler(one.scope, one.receive, blocked)
    assert [message["type"] for message in one.sent] == ["http.response.start"]
