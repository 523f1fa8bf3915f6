"""Responses with stored bytes: in parts, with ranges, and with a limit for readers that stall."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import cast

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.core.byte_ranges import Unsatisfiable, parse_range
from apps.core.errors import StorageUnavailable
from apps.core.storage import ObjectMissing

PART_BYTES = 256 * 1024
SEND_BYTES = 64 * 1024
# A reader that does not accept SEND_BYTES within this time is gone, or keeps the connection for
# nothing.
STALL_TIMEOUT_S = 30.0
# A whole download may take as long as at this rate, and a minute. A link needs no session, so slow
# readers must not be able to gather.
MIN_BYTES_PER_S = 16 * 1024
HEADERS = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}
# Threads that wait for the storage. A hanging one delays other downloads, and nothing else.
_threads = ThreadPoolExecutor(16, thread_name_prefix="downloads")

# `read(start, length)`: at most `length` bytes from `start` on.
Read = Callable[[int, int], bytes]


def download(
    request: HttpRequest, read: Read, *, size: int, headers: Mapping[str, str]
) -> HttpResponseBase:
    """The response to a GET or HEAD of `size` bytes.

    Raises what the first `read` raises: ObjectMissing or StorageUnavailable.
    """
    try:
        part = parse_range(request.headers.get("Range", ""), size)
    except Unsatisfiable:
        total = {"Content-Range": f"bytes */{size}"}
        return HttpResponse(status=416, headers={**HEADERS, **headers, **total})
    if request.method == "HEAD":
        part = None  # a range is for GET only
    start, end = part or (0, size)
    all_headers = {**HEADERS, **headers, "Content-Length": str(end - start)}
    if part:
        all_headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    # The storage may take seconds: hold no connection to the database.
    close_old_connections()
    if request.method == "HEAD":
        read(0, 1)
        return HttpResponse(headers=all_headers)
    first = read(start, min(PART_BYTES, end - start))
    parts = _Parts(read, first, start, end)
    return StreamingHttpResponse(parts, status=206 if part else 200, headers=all_headers)


class _Parts:
    """The bytes from `start` to `end`. Asynchronous: Django reads a synchronous iterator into
    memory as a whole. Between two reads nothing is open at the storage."""

    def __init__(self, read: Read, first: bytes, start: int, end: int) -> None:
        self._read, self._first = read, first
        self._start, self._end = start, end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # Middleware may have opened a connection again.
        await sync_to_async(close_old_connections)()
        loop = asyncio.get_running_loop()
        part, position = self._first, self._start
        until = loop.time() + 60 + (self._end - self._start) / MIN_BYTES_PER_S
        while True:
            for begin in range(0, len(part), SEND_BYTES):
                with _ended_when_stalled(until):
                    yield part[begin : begin + SEND_BYTES]
            position += len(part)
            if position >= self._end:
                return
            length = min(PART_BYTES, self._end - position)
            try:
                part = await loop.run_in_executor(_threads, self._read, position, length)
            except (ObjectMissing, StorageUnavailable):
                part = b""
            if not part:
                # The response has begun: an incomplete one is all that can be said. Django ends it
                # like one whose reader went away.
                raise asyncio.CancelledError


@contextmanager
def _ended_when_stalled(until: float) -> Iterator[None]:
    """Cancel the task that sends the response when it waits for its reader for too long, or when
    the loop's time is `until`."""
    # Django sends a response in a task of its own.
    task = cast("asyncio.Task[None]", asyncio.current_task())
    loop = asyncio.get_running_loop()
    timer = loop.call_at(min(until, loop.time() + STALL_TIMEOUT_S), task.cancel)
    try:
        yield
    finally:
        timer.cancel()
