"""What a new release needs once: migrations applied, static files collected.

Runs as a process of its own, so that the supervisor stays without Django. Does nothing
when nothing is pending.
"""

import os

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatproject.run import environment
from chatproject.run.var import Var, default, private_folder


def migrate() -> None:
    """Apply what is pending."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        print(f"applying {len(pending)} migrations", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def collect_static(var: Var) -> None:
    """Collect when the release of the static files is another one."""
    from django.conf import settings

    stamp = private_folder(var.stamps) / "static"
    release = f"{settings.STATIC_RELEASE} {settings.STATIC_ROOT}"
    if stamp.exists() and stamp.read_text() == release:
        return
    print("collecting static files", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(release)


def main() -> None:
    """Bring this checkout's database and static files up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    environment.load()
    django.setup()
    migrate()
    collect_static(default())
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


if __name__ == "__main__":
    main()
