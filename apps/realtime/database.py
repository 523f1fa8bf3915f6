"""Runs the event loop's database work in threads, each with a connection of Django's pool."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections

from apps.core.database import database_outages

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
    return await _run(_threads, work, *args, **kwargs)


async def in_background_database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As `in_database`, in the threads of healing and periodic checks."""
    return await _run(_background_threads, work, *args, **kwargs)


async def _run(
    threads: ThreadPoolExecutor, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    def run() -> R:
        close_old_connections()
        try:
            result = work(*args, **kwargs)
        finally:
            close_old_connections()
        database_outages.recovered()
        return result

    # Log lines of the thread have the ids of the connection.
    return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, run)
