"""What a new release needs once: migrations applied, static files collected.

Runs as a process of its own, so that the supervisor stays without Django. Does nothing
when nothing is pending.
"""

import hashlib
import os
from pathlib import Path

import django
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatproject.run.var import Var, default, private_folder


def migrate() -> None:
    """Apply what is pending."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        print(f"applying {len(pending)} migrations", flush=True)
        call_command("migrate", interactive=False, verbosity=0)


def collect_static(var: Var) -> None:
    """Collect when a static file, or the code that serves them, has changed."""
    stamp = private_folder(var.stamps) / "static"
    fingerprint = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    print("collecting static files", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    """Changes with any file's name, size or time, and with how files are stored."""
    from django.conf import settings

    seen = hashlib.sha256(repr((settings.STATIC_URL, settings.STORAGES)).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = os.stat(storage.path(name))
            seen.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return f"{Path(settings.STATIC_ROOT)} {seen.hexdigest()}"


def main() -> None:
    """Bring this checkout's database and static files up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    migrate()
    collect_static(default())
    connection.close()


if __name__ == "__main__":
    main()
