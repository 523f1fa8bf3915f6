"""Prepares a new release: applies migrations and collects static files.

`python -m chatproject.run.release [database] [static]` does both by default, and nothing where
nothing is pending. `wait` ends when another process has prepared the database: where many machines
start at once, one of them does.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import django
import psycopg
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from apps.backups.errors import BackupError
from apps.backups.gateways.restore_mark import is_unfinished
from apps.core.release import MARK
from chatproject.config import environment
from chatproject.config.hints import hints
from chatproject.run import embedded_defaults, services
from chatproject.run.errors import StartupError

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

# A change of a table waits this long for those who use it. Meanwhile all others wait behind it.
LOCK_TIMEOUT = "3s"
LOCK_PAUSE_S = 5.0
# About ten minutes.
LOCK_ATTEMPTS = 75
LOCK_ERRORS = psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected
WAIT_PAUSE_S = 2.0
# An hour, as long as the Job of the chart may take.
TURN_ATTEMPTS = 1800
MIGRATING_NUMBER = 7_046_003
AVAILABLE_CONNECTIONS = """
SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
"""


def apply_if_pending() -> None:
    """Apply a pending release in a child process, which keeps the memory of this process small.

    The first web process of a start calls it. Exits when the release cannot be applied, or when
    the push settings are wrong.
    """
    django.setup()
    # With wrong settings each push would fail by itself, and only the log would show it.
    if wrong := run_checks(tags=["push"]):
        sys.exit("\n".join(str(each) for each in wrong))
    refuse_too_many_connections()
    refuse_unfinished_restore()
    pending = pending_migrations() or not static_is_collected()
    disconnect()
    if pending:
        done = subprocess.run([sys.executable, "-m", "chatproject.run.release"], check=False)
        if done.returncode != 0:
            sys.exit("The release could not be applied.")


def refuse_too_many_connections() -> None:
    """Raise StartupError when this machine's processes may open more connections than PostgreSQL
    accepts. Under load, any of them could fail to get one."""
    if settings.PGBOUNCER:  # PgBouncer queues clients for its own connections
        return
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE_CONNECTIONS)
        [available] = cursor.fetchone()
    if (needed := services.database_connections()) > available:
        raise StartupError(
            f"Parley may open {needed} connections to PostgreSQL, which takes {available}: lower "
            "WEB_WORKERS or DATABASE_POOL, or raise PostgreSQL's max_connections."
        )


def refuse_unfinished_restore() -> None:
    """Raise StartupError when a restore of the database was begun, and has not ended."""
    try:
        unfinished = is_unfinished()
    except BackupError as error:
        raise StartupError(str(error)) from None
    if unfinished:
        raise StartupError(
            "The restore of this database is unfinished: run `manage.py restore` again."
        )


def pending_migrations() -> int:
    """The number of migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def refuse_unreachable_database() -> None:
    """Raise StartupError with the reason when PostgreSQL cannot be reached."""
    if reason := _unreachable():
        raise StartupError(reason)


def _unreachable() -> str:
    """Why PostgreSQL cannot be reached; empty if it can. Without the pool, which goes on trying,
    and would say only that it has no connection."""
    try:
        psycopg.connect(**connection.get_connection_params()).close()
    except psycopg.OperationalError as error:
        return f"PostgreSQL cannot be reached: {' '.join(str(error).split())}"
    return ""


def migrate() -> None:
    """Apply pending migrations."""
    refuse_unreachable_database()
    refuse_unfinished_restore()
    apply_migrations()
    disconnect()


def apply_migrations() -> None:
    """Apply pending migrations, in one process at a time. Gives up waiting for a lock soon, because
    others wait behind it, and tries again later: each migration either was applied as a whole or
    can be run again."""
    if pending_migrations():
        with _turn():
            _apply_migrations()


@contextmanager
def _turn() -> Iterator[None]:
    """Keep other processes from applying migrations. Two at once would build the same index twice,
    and one of them drop what the other has built. Raises StartupError."""
    if settings.PGBOUNCER:  # the session may be another one for each statement
        yield
        return
    # A connection of its own, outside a transaction: no build of an index waits for it.
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as session:
        for left in reversed(range(TURN_ATTEMPTS)):
            cursor = session.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATING_NUMBER])
            if cursor.fetchone() == (True,):
                break
            if not left:
                raise StartupError("Another process has applied migrations for too long.")
            if left == TURN_ATTEMPTS - 1:
                print("waiting for another process that applies migrations", flush=True)
            time.sleep(WAIT_PAUSE_S)
        yield


def _apply_migrations() -> None:
    if not (count := pending_migrations()):
        return
    print(f"applying {count} migrations", flush=True)
    for left in reversed(range(LOCK_ATTEMPTS)):
        try:
            if not settings.PGBOUNCER:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            if not left or not isinstance(error.__cause__, LOCK_ERRORS):
                raise
            print("waiting for other transactions on the database to end", flush=True)
            time.sleep(LOCK_PAUSE_S)
        else:
            return


def wait_for_database() -> None:
    """Return when the database has all migrations of this release. Says what it waits for."""
    last = ""
    while reason := _waited_for():
        if reason != last:
            print(reason, flush=True)
            last = reason
        disconnect()
        time.sleep(WAIT_PAUSE_S)
    disconnect()


def _waited_for() -> str:
    """Why this release cannot run yet; empty when it can."""
    try:
        count = pending_migrations()
        if is_unfinished():
            return "waiting for the end of a restore: run `manage.py restore` again"
    except (OperationalError, BackupError):
        return _unreachable() or "waiting for PostgreSQL"
    return f"waiting for {count} migrations" if count else ""


def disconnect() -> None:
    """Close the connection and its pool, whose threads would keep the process from exiting."""
    connection.close()
    cast("DatabaseWrapper", connection).close_pool()


def collect_static() -> None:
    """Collect the static files into the folder of this release, unless it holds them already."""
    if static_is_collected():
        return
    print("collecting static files", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    _collected_release().write_text(settings.STATIC_RELEASE)
    forget_releases(settings.STATIC_ROOT.parent)


def forget_releases(folder: Path) -> None:
    """Delete what was collected before the newest two releases: processes of the one before may
    still run."""
    marks = sorted(folder.glob(f"*/{MARK}"), key=lambda mark: mark.stat().st_mtime)
    kept = {mark.parent for mark in marks[-2:]}
    for each in folder.iterdir() if len(kept) == 2 else ():
        if each.is_dir() and not each.is_symlink():
            if each not in kept:
                shutil.rmtree(each)
        else:
            each.unlink()


def static_is_collected() -> bool:
    """Whether the folder of this release holds it."""
    collected = _collected_release()
    return collected.exists() and collected.read_text() == settings.STATIC_RELEASE


def _collected_release() -> Path:
    """The file in that folder that names the release. Collecting empties the folder before."""
    return settings.STATIC_ROOT / MARK


def main() -> None:
    """Bring the database, the collected static files, or both up to date."""
    parser = argparse.ArgumentParser(prog="python -m chatproject.run.release")
    parser.add_argument("what", nargs="*", choices=["database", "static", "wait", []])
    what = parser.parse_args().what or ["database", "static"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    # No time limit for migrations.
    environment.set_default("DATABASE_TIMEOUT", "0", source="release")
    try:
        embedded_defaults.apply()
        django.setup()
    except (StartupError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    for line in hints():
        print(line, file=sys.stderr)
    if "wait" in what:
        wait_for_database()
    if "database" in what:
        try:
            migrate()
        except StartupError as error:
            sys.exit(str(error))
    if "static" in what:
        collect_static()


if __name__ == "__main__":
    main()
