"""`manage.py exportdata`: writes all that is stored about a person into a file for them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions.export import write_export
from apps.accounts.models import User


class Command(BaseCommand):
    """Answers a person's request for their data."""

    help = "Write all that is stored about a person into a zip archive of JSON files, for them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, and the archive."""
        parser.add_argument("username")
        parser.add_argument("archive", type=Path, help="the file to create")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person, or when the file exists already."""
        user = User.objects.filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        path: Path = options["archive"]
        try:
            write_export(user.id, path, finished=self._show)
        except FileExistsError as error:
            raise CommandError(f"{path} exists already.") from error
        except BaseException:
            path.unlink(missing_ok=True)  # half an archive
            raise
        self.stdout.write(f"Wrote {path}.")

    def _show(self, section: str, rows: int) -> None:
        self.stdout.write(f"{section}: {rows}")
