"""Measures this web process: the lag of its event loop, and its pool of database connections."""

import asyncio

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from apps.core.metrics import LOOP_LAG, POOL_CONNECTIONS, POOL_WAIT, POOL_WAITING

INTERVAL_S = 0.5


async def run() -> None:
    """Measure twice a second until shutdown."""
    loop = asyncio.get_running_loop()
    pool = PoolMetrics()
    while True:
        due = loop.time() + INTERVAL_S
        await asyncio.sleep(INTERVAL_S)
        LOOP_LAG.observe(max(0.0, loop.time() - due))
        pool.measure()


class PoolMetrics:
    """Turns the totals of psycopg's pool into metrics."""

    def __init__(self) -> None:
        self._waited_ms = 0

    def measure(self) -> None:
        """Add what was waited since the last time."""
        default = connections["default"]
        pool = default.pool if isinstance(default, DatabaseWrapper) else None
        if pool is None:
            return
        stats = pool.get_stats()
        waited_ms = stats.get("requests_wait_ms", 0)
        POOL_WAIT.inc(max(0, waited_ms - self._waited_ms) / 1000)
        self._waited_ms = waited_ms
        POOL_WAITING.set(stats.get("requests_waiting", 0))
        POOL_CONNECTIONS.set(stats.get("pool_size", 0))
