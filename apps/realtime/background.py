"""Helpers for background tasks: short ones that nobody awaits, and ones that run until shutdown."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

SLICE_S = 0.25


def check_cancelled() -> None:
    """Raise CancelledError if the running task was cancelled.

    For tasks that catch errors and go on: a library that cleans up when its call is cancelled may
    raise an error of its own instead of the cancellation, and the task would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@asynccontextmanager
async def bounded(seconds: float) -> AsyncIterator[None]:
    """Limit what is awaited inside, as `asyncio.timeout`, in seconds in which the event loop runs.

    A busy loop is late, by seconds at times, and looks at its timers before it looks at what has
    arrived: a response that was there in time would count as none, and Redis as unavailable.

    Raises CancelledError at the end if the task was cancelled meanwhile: the client of Redis may
    return its result in spite of that.
    """
    async with asyncio.timeout(None) as limit:
        countdown = _Countdown(limit, seconds)
        try:
            yield
        finally:
            countdown.stop()
    check_cancelled()


class _Countdown:
    """Lets time run out slice by slice: between two slices the event loop reads what has arrived,
    and a slice that was late counts no more than one that was not."""

    __slots__ = ("_left_s", "_limit", "_loop", "_timer")

    def __init__(self, limit: asyncio.Timeout, seconds: float) -> None:
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._left_s = seconds
        self._wait()

    def stop(self) -> None:
        """Let no time run out any more."""
        self._timer.cancel()

    def _wait(self) -> None:
        slice_s = min(SLICE_S, self._left_s)
        self._left_s -= slice_s
        self._timer = self._loop.call_later(slice_s, self._next)

    def _next(self) -> None:
        if self._left_s > 0:
            self._wait()
        else:
            self._limit.reschedule(self._loop.time())


class BackgroundTasks:
    """Keeps references to running tasks: the event loop itself holds only weak ones."""

    def __init__(self) -> None:
        self.running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` soon."""
        task = asyncio.ensure_future(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task
