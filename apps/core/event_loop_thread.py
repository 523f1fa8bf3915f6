"""An event loop in a thread of its own, for callers that use the database and cannot await."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def event_loop_thread(name: str) -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread called `name` until the block ends.

    Submit work with `asyncio.run_coroutine_threadsafe`. Tasks that are unfinished at the end of
    the block are cancelled.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=[loop], name=name, daemon=True)
    try:
        thread.start()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
    finally:
        loop.close()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(_cancel(asyncio.all_tasks(loop)))


async def _cancel(tasks: set["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
