"""`manage.py backup`: makes, lists, proves and deletes backups."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from apps.backups import catalogue
from apps.backups.actions.drill import drill
from apps.backups.actions.make import make_backup
from apps.backups.actions.prune import prune
from apps.backups.errors import BackupError
from apps.backups.gateways.destination import destination
from apps.backups.models import Backup
from apps.backups.queries import newest
from apps.files.templatetags.file_sizes import size


class Command(BaseCommand):
    """Exits with 1 and one line about what is wrong."""

    help = (
        "Make a backup of rows, files and settings while the server runs, at BACKUP_TO or --to. "
        "docs/backup.md says what it has and how it is restored."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and where."""
        parser.add_argument(
            "what", nargs="?", choices=["make", "list", "drill", "prune", "due"], default="make"
        )
        parser.add_argument("backup", nargs="?", default=catalogue.LATEST, help="of a drill")
        parser.add_argument("--to", default="", help="a folder, or s3://bucket/prefix")
        parser.add_argument(
            "--recipient", action="append", help="public key of age; instead of BACKUP_RECIPIENTS"
        )
        parser.add_argument(
            "--keys-in-clear",
            action="store_true",
            help="add settings and keys to a backup that is not encrypted",
        )
        parser.add_argument("--identity", default="", help="drill: file with the private key")
        parser.add_argument("--into", default="", help="drill: URL of an empty database")
        parser.add_argument("--keep", type=int, help="prune: how many; instead of BACKUP_KEEP")

    def handle(self, *args: Any, **options: Any) -> None:
        """Progress is on stderr, the result on stdout."""
        where = options["to"] or settings.BACKUP_TO
        try:
            getattr(self, f"_{options['what']}")(where, options)
        except BackupError as error:
            raise CommandError(str(error)) from None

    def _make(self, where: str, options: dict[str, Any]) -> None:
        made = make_backup(
            where,
            recipients=options["recipient"] or settings.BACKUP_RECIPIENTS,
            keys_in_clear=options["keys_in_clear"],
            say=self._say,
            say_details=self._say if options["verbosity"] > 1 else None,
        )
        taken = (made.finished_at - made.began_at).total_seconds()
        self.stdout.write(
            f"backup {made.id}: everything that was committed before "
            f"{made.point_at:%Y-%m-%d %H:%M:%S.%f} UTC; {made.rows} rows, {made.file_count} files "
            f"({size(made.file_bytes)}), in {taken:.1f} s"
        )
        if made.settings is None:
            self.stderr.write(
                "It has no settings and keys, because it is not encrypted: keep SECRET_KEY and "
                "VAPID_PRIVATE_KEY elsewhere."
            )

    def _list(self, where: str, options: dict[str, Any]) -> None:
        at = destination(where)
        names = catalogue.backups(at)
        known = self._known(names)
        for backup in names:
            found = catalogue.load(at, backup)
            kind = "encrypted" if found.encrypted else "not encrypted"
            # One that another installation has made is known here from its first drill on.
            proof = known.get(backup, Backup()).proof
            self.stdout.write(
                f"{backup}  {found.rows} rows, {found.file_count} files "
                f"({size(found.file_bytes)}), {kind}, {proof}"
            )

    def _known(self, names: list[str]) -> dict[str, Backup]:
        """The records of these backups: none where the database is still to be restored."""
        try:
            return Backup.objects.in_bulk(names)
        except DatabaseError:
            return {}

    def _drill(self, where: str, options: dict[str, Any]) -> None:
        seconds = drill(
            where,
            options["backup"],
            identity=self._identity(options["identity"]),
            into=options["into"],
            say=self._say,
        )
        self.stdout.write(f"proven in {seconds:.1f} s")

    def _prune(self, where: str, options: dict[str, Any]) -> None:
        prune(where, keep=options["keep"] or settings.BACKUP_KEEP, say=self._say)

    def _due(self, where: str, options: dict[str, Any]) -> None:
        """Also what cron may run, as often as it likes."""
        if options["to"]:
            raise CommandError("due follows BACKUP_TO and BACKUP_HOURS, and takes no --to.")
        if newest.is_backup_due():
            self._make(where, options)
            self._prune(where, options)
        if due := newest.drill_due():
            self._drill(where, options | {"backup": due.id})

    def _identity(self, path: str) -> str:
        try:
            return Path(path).read_text() if path else settings.BACKUP_IDENTITY
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The identity {path} cannot be read: {error}") from None

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201
