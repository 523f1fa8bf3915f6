"""What PostgreSQL's errors mean for clients, and a connection outside the pool."""

import copy
import logging
import time
from typing import Any

import psycopg
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connections,
)
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import IsolationLevel, errors

from apps.core.bounded_connection import BoundedConnection, NoResponse, NoTimeLeft
from apps.core.errors import Invalid, Refused, Unavailable
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
# After the last write that found no space. Reads go on, and tell nothing of it.
FULL_S = 300.0
FULL_SETTLE_S = 60.0


class DatabaseOutages(OutageLog):
    """Those of PostgreSQL. Notes when its disk is full."""

    _full_at = float("-inf")

    def failed(self, error: BaseException) -> None:
        """Count a failed call; log the first one of an outage."""
        if isinstance(error, errors.DiskFull) or isinstance(error.__cause__, errors.DiskFull):
            self._full_at = time.monotonic()
        super().failed(error)

    def recovered(self) -> None:
        """Note a successful call. A full disk takes reads: they do not end its outage at once."""
        if time.monotonic() - self._full_at >= FULL_SETTLE_S:
            super().recovered()

    @property
    def is_full(self) -> bool:
        """Whether a write of this process has lately found no space."""
        return time.monotonic() - self._full_at < FULL_S


# On a read-only database reads succeed while writes fail, so one success between two failures does
# not end the outage.
database_outages = DatabaseOutages(logger, "PostgreSQL", of="database", settle_s=5.0)
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
"""Raised by Django while PostgreSQL is unreachable, too slow, or refuses writes."""
# psycopg prepares a statement after this many executions; `prepare=True` prepares it at once.
PREPARE_THRESHOLD = 5
# A prepared statement keeps the plan that was best when it was made. On small tables that is a
# sequential scan, and it stays when the tables have grown. Every lookup of the prepared statements
# has an index, so plan them once, for all parameters, to use it.
PLAN_OPTIONS = " ".join(
    f"-c {name}"
    for name in (
        "plan_cache_mode=force_generic_plan",
        "enable_seqscan=off",
        "jit=off",
    )
)


def refusal_of(error: Exception) -> Refused:
    """Log `error` and return the refusal that a client gets for it. Reraises unrelated errors.

    Only data that PostgreSQL cannot store is the client's fault. Everything else is temporary
    (PostgreSQL is down, read-only, out of space, being migrated, or waits for a lock): clients
    keep their data and retry.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, TimeoutError):
        return Unavailable()
    if isinstance(error, DataError | UnicodeEncodeError):
        return Invalid("This text cannot be stored.")
    if isinstance(error, Error):
        if is_lock_conflict(error):
            return Unavailable()  # concerns one row; PostgreSQL itself is available
        if isinstance(error.__cause__, NoTimeLeft):
            return Unavailable(retry_after=1)  # concerns one request
        if isinstance(error, IntegrityError | ProgrammingError):
            logger.error("a database error that is not an outage", exc_info=error)
        else:
            database_outages.failed(error)
        return Unavailable()
    raise error


def is_lock_conflict(error: Exception) -> bool:
    """Whether `error` was raised because another transaction held a lock for too long."""
    return isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected)


class SkipUnavailable(logging.Filter):
    """Drops Django's log line for each request refused with 503; `OutageLog` logs the outage."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log `record`."""
        return getattr(record, "status_code", None) != Unavailable.status


class DedicatedConnection(DatabaseWrapper):
    """A connection outside the pool. It lives until it is closed or breaks."""

    health_check_done: bool  # Django's, which its stubs lack.

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        """Open a connection with a limit on each wait."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return BoundedConnection.connect(**conn_params)


def use_dedicated_connection(*, prepare: bool) -> None:
    """Give the calling thread a connection of its own instead of one from the pool.

    The thread never waits for the pool. With `prepare`, its statements are prepared: parsed and
    planned once.
    """
    connections["default"] = dedicated_connection("commit", prepare=prepare)


def dedicated_connection(purpose: str, *, prepare: bool = False) -> DedicatedConnection:
    """A connection outside the pool, not opened yet. PostgreSQL shows `purpose` in its name."""
    settings = copy.deepcopy(connections["default"].settings_dict)
    settings["OPTIONS"].pop("pool", None)
    settings["OPTIONS"] |= {
        "application_name": f"{settings['OPTIONS']['application_name']}-{purpose}",
        "connect_timeout": 2,
        "prepare_threshold": PREPARE_THRESHOLD if prepare else None,
    }
    if prepare:
        options = settings["OPTIONS"].get("options", "")
        settings["OPTIONS"]["options"] = f"{options} {PLAN_OPTIONS}".strip()
    return DedicatedConnection(settings, "default")


def is_stale_statement(error: Exception) -> bool:
    """Whether a migration changed the result of a prepared statement. It always fails on this
    connection, and changed nothing."""
    stale = errors.FeatureNotSupported | errors.InvalidSqlStatementName
    return isinstance(error.__cause__, stale)


def must_reconnect(error: Exception) -> bool:
    """Whether a statement failed because of its connection and may succeed on a fresh one: the
    server closed the connection, or a migration changed a prepared statement's result."""
    if is_stale_statement(error):
        return True
    cause = error.__cause__
    if isinstance(cause, errors.AdminShutdown | errors.CrashShutdown):
        return True
    # No SQLSTATE: the server is gone. After a timeout (NoResponse) a second wait is no use.
    gone = isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None
    return gone and not isinstance(cause, NoResponse)
