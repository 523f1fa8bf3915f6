"""What a new release needs once: migrations applied, static files collected.

`python -m chatproject.run.release [database] [static]` does both unless told which, and
nothing where nothing is pending.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import django
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatproject.run import environment, parts
from chatproject.run.errors import CannotRun

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

CONNECTIONS_TAKEN = """
SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
"""


def apply_if_pending() -> None:
    """Apply the release in a process of its own, so that this one stays as small as ever.

    For the first web process of a start, which looks anyhow. Exits when that fails, or when no
    push could be signed.
    """
    django.setup()
    # Each push would fail for itself, and nobody would hear of it but the log.
    if wrong := run_checks(tags=["push"]):
        sys.exit("\n".join(str(each) for each in wrong))
    refuse_too_many_connections()
    pending = pending_migrations() or not static_is_collected()
    _disconnect()
    if pending:
        done = subprocess.run([sys.executable, "-m", "chatproject.run.release"], check=False)
        if done.returncode != 0:
            sys.exit("The release could not be applied.")


def refuse_too_many_connections() -> None:
    """Raise CannotRun when this machine's processes may open more connections than PostgreSQL
    takes. Which of them got none would be a matter of chance, under load."""
    if settings.PGBOUNCER:  # it shares its own out
        return
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS_TAKEN)
        [taken] = cursor.fetchone()
    if (opened := parts.database_connections()) > taken:
        raise CannotRun(
            f"Parley may open {opened} connections to PostgreSQL, which takes {taken}: lower "
            "WEB_WORKERS or DATABASE_POOL, or raise PostgreSQL's max_connections."
        )


def pending_migrations() -> int:
    """How many migrations the database does not have yet."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Apply what is pending."""
    if count := pending_migrations():
        print(f"applying {count} migrations", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
    _disconnect()


def _disconnect() -> None:
    """Close the pool too: its threads would keep a process from ending."""
    connection.close()
    cast("DatabaseWrapper", connection).close_pool()


def collect_static() -> None:
    """Collect the static files into STATIC_ROOT unless it holds this release already."""
    if static_is_collected():
        return
    print("collecting static files", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    _collected_release().write_text(settings.STATIC_RELEASE)


def static_is_collected() -> bool:
    """Whether STATIC_ROOT holds this release."""
    collected = _collected_release()
    return collected.exists() and collected.read_text() == settings.STATIC_RELEASE


def _collected_release() -> Path:
    """The file that names the release in STATIC_ROOT: next to it, for collecting empties it."""
    return settings.STATIC_ROOT.with_suffix(".release")


def main() -> None:
    """Bring the database, the collected static files, or both up to date."""
    reader = argparse.ArgumentParser(prog="python -m chatproject.run.release")
    reader.add_argument("what", nargs="*", choices=["database", "static", []])
    what = reader.parse_args().what or ["database", "static"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    # A migration has all the time it needs.
    os.environ.setdefault("DATABASE_TIMEOUT", "0")
    environment.load()
    django.setup()
    if "database" in what:
        migrate()
    if "static" in what:
        collect_static()


if __name__ == "__main__":
    main()
