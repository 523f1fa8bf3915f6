"""`manage.py restore`: restores a backup into an empty installation."""

import os
import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.backups import catalogue
from apps.backups.actions.restore import Restored, ignore, rebuild_search, restore
from apps.backups.errors import BackupError
from apps.backups.gateways import encryption
from chatproject.run import keys
from chatproject.run.data_dir import default_data_dir


class Command(BaseCommand):
    """Exits with 1 and one line about what is wrong."""

    help = (
        "Restore a backup into an empty installation, whose server is stopped. Nothing is changed "
        "before the backup was checked; one that was killed has to be run again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and from where."""
        parser.add_argument("backup", nargs="?", default=catalogue.LATEST)
        parser.add_argument(
            "--from", dest="where", default="", help="a folder, or s3://bucket/prefix"
        )
        parser.add_argument("--identity", default="", help="file with the private key of age")
        parser.add_argument(
            "--settings-to", default="", help="write the settings and keys to this new file"
        )
        parser.add_argument(
            "--rows-only", action="store_true", help="no files, no keys, no search: for a drill"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what was restored, and what is left to do."""
        where = options["where"] or settings.BACKUP_TO
        whole = not options["rows_only"]
        keep_settings = partial(self._keep_settings, options["settings_to"]) if whole else ignore
        try:
            restored = restore(
                where,
                options["backup"],
                identities=self._identities(options["identity"]),
                with_files=whole,
                keep_settings=keep_settings,
                say=self._say,
            )
            if whole:
                rebuild_search(self._say)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self._report(restored)

    def _identities(self, path: str) -> list[encryption.Identity]:
        if path:
            return encryption.read_identities(path)
        text = settings.BACKUP_IDENTITY
        return encryption.identities(text) if text else []

    def _keep_settings(self, path: str, found: dict[str, str]) -> None:
        """Keys of `make run` go where it reads them; the rest is for the operator."""
        data_dir = default_data_dir()
        for name, key_file in (
            ("SECRET_KEY", data_dir.secret_key),
            ("VAPID_PRIVATE_KEY", data_dir.push_key),
        ):
            if name in found and keys.replace_if_in_use(name, key_file, found[name]):
                self.stdout.write(f"{name}: written to {key_file}")
            elif name in found and found[name] != getattr(settings, name):
                where = f"written to {path}" if path else "in settings.json of the backup"
                self.stdout.write(f"{name} differs from that of the backup, {where}: set it.")
        if path:
            lines = "".join(f"{name}={value}\n" for name, value in sorted(found.items()))
            try:
                if os.path.exists(path) and Path(path).read_text() == lines:
                    return  # by a run that was killed since
                file_descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(file_descriptor, "w") as file:
                    file.write(lines)
            except OSError as error:
                raise BackupError(f"{path} cannot be written: {error.strerror}.") from None
            self.stdout.write(f"{len(found)} settings: written to {path}")

    def _report(self, restored: Restored) -> None:
        found = restored.manifest
        self.stdout.write(
            f"Restored backup {found.id}: {found.rows} rows of {len(found.tables)} tables and "
            f"{found.file_count} files, as of {found.point_at:%Y-%m-%d %H:%M:%S} UTC. Counts and "
            "hashes are those of the manifest. A new epoch has begun."
        )
        if found.missing:
            self.stdout.write(f"{len(found.missing)} files were lost before the backup.")
        if found.settings is None:
            self.stdout.write(
                "The backup has no keys. Without the SECRET_KEY of then, second factors and tokens "
                "of the provider are lost; without VAPID_PRIVATE_KEY, devices must register for "
                "pushes again."
            )
        self.stdout.write("Next: start the server, then delete accounts that were deleted since.")

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201
