"""Runs the event loop's database work in threads, each with a connection of Django's pool."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections

from apps.core.database import database_outages
from apps.core.errors import Unavailable
from apps.core.wait_budget import WaitBudget, spending

P = ParamSpec("P")
R = TypeVar("R")

# Healing and periodic checks have threads of their own, so that commands cannot delay them.
BACKGROUND_THREADS = 2
_background_threads = ThreadPoolExecutor(
    BACKGROUND_THREADS, thread_name_prefix="background-database"
)
# One connection of the pool stays free for pages while all of these threads wait.
_threads = ThreadPoolExecutor(
    max_workers=max(1, settings.DATABASE_POOL - 1 - BACKGROUND_THREADS),
    thread_name_prefix="realtime-database",
)


async def in_database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `work` in a thread, and return its connection to the pool."""
    return await asyncio.wrap_future(_submit(_threads, None, work, *args, **kwargs))


async def in_database_within(
    budget: WaitBudget, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """As `in_database`. `work` waits for its thread and for PostgreSQL as long as `budget` allows.

    Raises Unavailable when no thread was free in time; then `work` never begins.
    """
    future = _submit(_threads, budget, work, *args, **kwargs)
    result = asyncio.wrap_future(future)
    try:
        await asyncio.wait([result], timeout=budget.left_s)
    except asyncio.CancelledError:
        future.cancel()
        raise
    # Work that has begun ends by itself: each of its waits is limited.
    if not result.done() and future.cancel():
        budget.spend(budget.left_s)
        raise Unavailable(retry_after=1)
    return await result


async def in_background_database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As `in_database`, in the threads of healing and periodic checks."""
    return await asyncio.wrap_future(_submit(_background_threads, None, work, *args, **kwargs))


def _submit(
    threads: ThreadPoolExecutor,
    budget: WaitBudget | None,
    work: Callable[P, R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Future[R]:
    submitted = time.monotonic()

    def run() -> R:
        if budget is not None:
            budget.spend(time.monotonic() - submitted)
        with spending(budget):
            close_old_connections()
            try:
                result = work(*args, **kwargs)
            finally:
                close_old_connections()
        database_outages.recovered()
        return result

    # Log lines of the thread have the ids of the connection.
    return threads.submit(copy_context().run, run)
