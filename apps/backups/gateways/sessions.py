"""Sessions of PostgreSQL for long work: outside of the pool, and without its time limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from apps.backups.errors import BackupError
from apps.backups.time_limit import TIMEOUT_S
from apps.files.deletion_hold import HOLD_NUMBER

# One backup, restore, drill or pruning at a time.
RUNNING_NUMBER = 7_046_002
HOLD_TIMEOUT = "30s"
# Values look alike in every session, and on every server.
FORMATS = {
    "datestyle": "ISO",
    "timezone": "UTC",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
}
# By this name `end_overdue` knows them.
NAME = "parley-backups"
# A run ends itself before, unless it hangs.
OVERDUE_S = TIMEOUT_S + 3600.0
END_OVERDUE = """
SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = %s
    AND xact_start < clock_timestamp() - make_interval(secs => %s)
"""
LIMITS = {
    "application_name": NAME,
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "synchronize_seqscans": "off",
}


Cursor = psycopg.Cursor[Any]


@contextmanager
def _session(*, autocommit: bool) -> Iterator[Cursor]:
    try:
        session = psycopg.connect(**connection.get_connection_params(), autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise BackupError(f"PostgreSQL cannot be reached: {_line(error)}") from None
    try:
        with session, session.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
            yield cursor
    except psycopg.Error as error:
        raise BackupError(f"PostgreSQL has refused: {_line(error)}") from error


@contextmanager
def transaction(isolation: str = "READ COMMITTED") -> Iterator[Cursor]:
    """One transaction in a session of its own. It sets all it needs locally: behind PgBouncer,
    the session is another client's next. Raises BackupError."""
    with _session(autocommit=False) as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
        for name, value in (LIMITS | FORMATS).items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield cursor


@contextmanager
def outside_transaction() -> Iterator[Cursor]:
    """A session for statements that PostgreSQL runs in no transaction. Raises BackupError."""
    with _session(autocommit=True) as cursor:
        yield cursor


@contextmanager
def running(*, hold_deletions: bool = False) -> Iterator[Cursor]:
    """Be the only backup, restore, drill or pruning; raises BackupError if there is another one.

    `hold_deletions`: no object of the file storage is deleted until the end. PostgreSQL ends both
    locks when this process dies.
    """
    with transaction() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RUNNING_NUMBER])
        if cursor.fetchone() != (True,):
            raise BackupError("Another backup, restore or drill is running: wait until it ends.")
        if hold_deletions:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [HOLD_TIMEOUT])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HOLD_NUMBER])
        yield cursor


def refuse_lost(lock: Cursor) -> None:
    """Raise BackupError if the session of the locks has ended: since then files may be deleted, and
    another run may have begun."""
    try:
        lock.execute("SELECT 1")
    except psycopg.Error:
        raise BackupError("PostgreSQL has ended the session of this run: run it again.") from None


def end_overdue() -> int:
    """End the sessions of runs that hang: on a mount or a server that never answers, also in a
    process that no signal ends. Frees their locks and the old snapshot of a backup. Returns how
    many there were.

    PostgreSQL has no limit of its own for this: `transaction_timeout` is of version 17, and ends no
    COPY whose reader hangs. No worker runs during a restore, so it has no limit.
    """
    with connection.cursor() as cursor:
        cursor.execute(END_OVERDUE, [NAME, OVERDUE_S])
        return len(cursor.fetchall())


def is_running() -> bool:
    """Whether a backup, restore, drill or pruning is running."""
    with transaction() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [RUNNING_NUMBER])
        return cursor.fetchone() != (True,)


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
