"""`manage.py config`: print the settings in effect, or update the files that list them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatproject.config import documents
from chatproject.config.environment import text_and_source
from chatproject.config.setting import Setting
from chatproject.config.table import SETTINGS

MASK = "********"


class Command(BaseCommand):
    help = "Print the value of each setting and where it comes from. Secrets are masked."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` and `--write` are about files and print no values."""
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--check",
            action="store_true",
            help="fail if docs/operate.md or docker-compose.yml is out of date",
        )
        group.add_argument("--write", action="store_true", help="update these files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError that names the outdated files."""
        if options["check"] or options["write"]:
            self._update_files(write=options["write"])
            return
        rows = [(setting.name, *_value_and_source(setting)) for setting in SETTINGS]
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        for name, value, source in rows:
            self.stdout.write(f"{name:{widths[0]}}  {value:{min(widths[1], 50)}}  {source}")

    def _update_files(self, *, write: bool) -> None:
        base = Path(settings.BASE_DIR)
        outdated = {
            path: text
            for path, text in documents.updated(base).items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        }
        names = ", ".join(str(path.relative_to(base)) for path in outdated)
        if outdated and not write:
            raise CommandError(f"Out of date: {names}. Run `make settings`.")
        for path, text in outdated.items():
            path.write_text(text, encoding="utf-8")
        if names:
            self.stdout.write(f"wrote {names}")


def _value_and_source(setting: Setting) -> tuple[str, str]:
    value, source = text_and_source(setting)
    return (MASK if setting.secret and value else value or "", source)
