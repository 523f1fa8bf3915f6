"""What a new release needs once: migrations applied, static files collected.

`python -m chatproject.run.release [database] [static]` does both unless told which, and
nothing where nothing is pending.
"""

import argparse
import os
import subprocess
import sys
from typing import TYPE_CHECKING, cast

import django
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatproject.run import embedded_defaults, services
from chatproject.run.data_dir import DataDir, default_data_dir, make_private_dir
from chatproject.run.errors import StartupError

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

AVAILABLE_CONNECTIONS = """
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
    pending = pending_migrations() or not static_is_collected(default_data_dir())
    _disconnect()
    if pending:
        done = subprocess.run([sys.executable, "-m", "chatproject.run.release"], check=False)
        if done.returncode != 0:
            sys.exit("The release could not be applied.")


def refuse_too_many_connections() -> None:
    """Raise StartupError when this machine's processes may open more connections than PostgreSQL
    takes. Which of them got none would be a matter of chance, under load."""
    if settings.PGBOUNCER:  # it shares its own out
        return
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE_CONNECTIONS)
        [taken] = cursor.fetchone()
    if (opened := services.database_connections()) > taken:
        raise StartupError(
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


def collect_static(data_dir: DataDir) -> None:
    """Collect when the release of the static files is another one."""
    if static_is_collected(data_dir):
        return
    print("collecting static files", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    (make_private_dir(data_dir.stamps) / "static").write_text(_static_release())


def static_is_collected(data_dir: DataDir) -> bool:
    """Whether the last collection was of these very files, to this very place."""
    stamp = data_dir.stamps / "static"
    return stamp.exists() and stamp.read_text() == _static_release()


def _static_release() -> str:
    return f"{settings.STATIC_RELEASE} {settings.STATIC_ROOT}"


def main() -> None:
    """Bring the database, the collected static files, or both up to date."""
    reader = argparse.ArgumentParser(prog="python -m chatproject.run.release")
    reader.add_argument("what", nargs="*", choices=["database", "static", []])
    what = reader.parse_args().what or ["database", "static"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    # A migration has all the time it needs.
    os.environ.setdefault("DATABASE_TIMEOUT", "0")
    embedded_defaults.apply()
    django.setup()
    if "database" in what:
        migrate()
    if "static" in what:
        collect_static(default_data_dir())


if __name__ == "__main__":
    main()
