"""PostgreSQL's errors, for every door; and a connection outside of the pool."""

import copy
import logging
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

from apps.core.bounded_connection import BoundedConnection, NoResponse
from apps.core.errors import Invalid, Refused, Unavailable
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
# Reads may succeed while writes are refused (a read-only database): a success between two
# failures is not the end.
database_outages = OutageLog(logger, "PostgreSQL", settle_s=5.0)
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
"""What Django raises while PostgreSQL cannot be reached, is too slow, or refuses to write."""
# psycopg prepares a statement that it has executed so often; `prepare=True` does not wait for it.
PREPARE_THRESHOLD = 5
# A prepared statement keeps the plan that was best when it was made. Made on small tables, that is
# one that reads them whole, and it stays when they have grown. What prepared statements look up has
# an index: they are planned to use it from the start, once for all parameters.
PLAN_OPTIONS = " ".join(
    f"-c {name}"
    for name in (
        "plan_cache_mode=force_generic_plan",
        "enable_seqscan=off",
        "jit=off",
    )
)


def refusal_of(error: Exception) -> Refused:
    """The refusal that a client is told for `error`, which is logged; other errors are raised
    again.

    Only data that PostgreSQL cannot store is the client's fault. Everything else (PostgreSQL is
    away, read-only, out of space, in the middle of a migration, waits for a lock) passes, and
    clients keep what they wanted to save.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, TimeoutError):
        return Unavailable()
    if isinstance(error, DataError | UnicodeEncodeError):
        return Invalid("This text cannot be stored.")
    if isinstance(error, Error):
        if is_lock_conflict(error):
            return Unavailable()  # of one row: PostgreSQL goes on
        if isinstance(error, IntegrityError | ProgrammingError):
            logger.error("a database error that is no outage", exc_info=error)
        else:
            database_outages.failed(error)
        return Unavailable()
    raise error


def is_lock_conflict(error: Exception) -> bool:
    """Whether `error` says that another transaction held a lock for too long."""
    return isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected)


class SkipUnavailable(logging.Filter):
    """Leaves out Django's line for each request refused with 503: `OutageLog` logs the outage."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log `record`."""
        return getattr(record, "status_code", None) != Unavailable.status


class DedicatedConnection(DatabaseWrapper):
    """A connection outside of the pool. It lives until it is closed or breaks."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        """Connect."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return BoundedConnection.connect(**conn_params)


def use_dedicated_connection(*, prepare: bool) -> None:
    """Give the calling thread a connection of its own in place of one of the pool.

    Nobody can keep it from the thread, and with `prepare` its statements are prepared: parsed
    once, and planned once when that does as well.
    """
    settings = copy.deepcopy(connections["default"].settings_dict)
    del settings["OPTIONS"]["pool"]
    settings["OPTIONS"] |= {
        "application_name": f"{settings['OPTIONS']['application_name']}-commit",
        "connect_timeout": 2,
        "prepare_threshold": PREPARE_THRESHOLD if prepare else None,
    }
    if prepare:
        options = settings["OPTIONS"].get("options", "")
        settings["OPTIONS"]["options"] = f"{options} {PLAN_OPTIONS}".strip()
    connections["default"] = DedicatedConnection(settings, "default")


def must_reconnect(error: Exception) -> bool:
    """Whether a statement failed because of the state of its connection, and may succeed on a
    fresh one: the server closed it, or a migration changed a prepared statement's result."""
    cause = error.__cause__
    if isinstance(cause, errors.FeatureNotSupported | errors.InvalidSqlStatementName):
        return True
    if isinstance(cause, errors.AdminShutdown | errors.CrashShutdown):
        return True
    # Without a state of SQL: nobody is there any more. Waiting again would be no use.
    gone = isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None
    return gone and not isinstance(cause, NoResponse)
