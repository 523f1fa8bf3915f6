"""Django's backend for PostgreSQL (`ENGINE`): the wait for a pooled connection is part of the
budget of the request that waits."""

import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool, PoolTimeout

from apps.core.bounded_connection import CHECK_TIMEOUT_S, NoTimeLeft
from apps.core.wait_budget import WaitBudget, current_budget


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes connections from the pool within the budget of its thread."""

    @property
    def pool(self) -> Any:
        """The pool of this process, or None without one."""
        found = super().pool
        budget = current_budget()
        return found if found is None or budget is None else PoolWithin(found, budget)


class PoolWithin:
    """A pool that gives a connection within a budget. Otherwise it is the pool."""

    def __init__(self, pool: ConnectionPool[Any], budget: WaitBudget) -> None:
        self._pool = pool
        self._budget = budget

    def getconn(self) -> Any:
        """A connection. Raises PoolTimeout, or NoTimeLeft when the time says nothing of
        PostgreSQL."""
        began, left_s = time.monotonic(), self._budget.left_s
        try:
            return self._pool.getconn(min(self._pool.timeout, left_s))
        except PoolTimeout as error:
            if left_s < CHECK_TIMEOUT_S:
                raise NoTimeLeft(str(error)) from None
            raise
        finally:
            self._budget.spend(time.monotonic() - began)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)
