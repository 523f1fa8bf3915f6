"""Helpers for background tasks: short ones that nobody awaits, and ones that run until shutdown."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


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
    """Limit what is awaited inside, as `asyncio.timeout`. Raises CancelledError at the end if the
    task was cancelled meanwhile: the client of Redis may return its result in spite of that."""
    async with asyncio.timeout(seconds):
        yield
    check_cancelled()


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
