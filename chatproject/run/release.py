"""What a new release needs once: migrations applied, static files collected.

`python -m chatproject.run.release [database] [static]` does both unless told which. It is a
process of its own, so that the supervisor stays without Django, and does nothing when
nothing is pending.
"""

import argparse
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
    """Bring the database, the collected static files, or both up to date."""
    reader = argparse.ArgumentParser(prog="python -m chatproject.run.release")
    reader.add_argument("what", nargs="*", choices=["database", "static", []])
    what = reader.parse_args().what or ["database", "static"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    environment.load()
    django.setup()
    if "database" in what:
        migrate()
        connection.close()
        connection.close_pool()  # its threads would keep this process
    if "static" in what:
        collect_static(default())


if __name__ == "__main__":
    main()
