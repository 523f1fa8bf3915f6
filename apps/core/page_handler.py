"""Django's handler of HTTP requests, with middleware and views in one step of one thread."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from apps.core import problems
from apps.core.errors import Unavailable

# As Django's types have them.
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# Threads that wait for the next request. More are begun when more requests come at once.
MAX_IDLE_THREADS = 32
# A container has 500 (docker-compose.yml). While PostgreSQL hangs, each request keeps one for
# seconds, and other work of the process could begin none.
MAX_THREADS = 300
# Asked whether the process lives, a busy one still has to say so.
PROBES = ("/livez", "/readyz")


class RequestThreads:
    """Threads, each of which serves one request after the other.

    Django begins a thread for each request, and with it a database connection object, caches and
    whatever else is kept for each thread.
    """

    def __init__(self) -> None:
        self._idle: list[ThreadPoolExecutor] = []
        self._lock = threading.Lock()
        # Threads that serve a request, or a view whose request was given up.
        self.busy = 0

    @contextmanager
    def one(self) -> Iterator[ThreadPoolExecutor]:
        """A thread that does nothing else inside the block."""
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, "request")
        with self._lock:
            self.busy += 1
        try:
            yield thread
        finally:
            # A view may go on after its request was given up: the thread is free after it.
            thread.submit(self._keep, thread)

    def _keep(self, thread: ThreadPoolExecutor) -> None:
        with self._lock:
            self.busy -= 1
        if len(self._idle) < MAX_IDLE_THREADS:
            self._idle.append(thread)
        else:
            thread.shutdown(wait=False)


class PageHandler(ASGIHandler):
    """Serves requests by views and middleware that are all synchronous.

    Django's own handler runs each half of a middleware that could be asynchronous, and the view, as
    a step of its own: each is a task and two switches between the event loop and a thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = RequestThreads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (an ASGI application), or refuse it while too many are served."""
        if self._threads.busy >= MAX_THREADS and scope["path"] not in PROBES:
            await self.send_response(problems.response(Unavailable(retry_after=1)), send)
            return
        with self._threads.one() as thread:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)

    def load_middleware(self, is_async: bool = False) -> None:
        """Load the middleware as functions that call each other."""
        super().load_middleware(is_async=False)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, in the thread of the context."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            response = await sync_to_async(self._respond)(scope, body)
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    def _respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """The response. It is closed, which gives the database connection back, unless its content
        is still to be read."""
        request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, body)
        response: Any = refused if request is None else self.get_response(request)
        response._handler_class = self.__class__
        if not response.streaming:
            response.close()
        elif isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        return cast(HttpResponseBase, response)

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Send a response whose content is read meanwhile, until the client goes away. Content that
        cannot go on cancels the task that sends it (`apps.core.downloads`): the response stays
        incomplete."""
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and not sending.cancelled():
                sending.result()
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await sync_to_async(response.close)()
