"""`manage.py archive`: exports chats, checks an archive, imports one."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.archive.actions.checking import check
from apps.archive.actions.exporting import all_chats, chats_of, export_to
from apps.archive.actions.importing import import_archive
from apps.archive.actions.pages import render
from apps.archive.errors import ArchiveError
from apps.archive.queries.timeline import OPERATOR, View
from apps.archive.reading import open_source
from apps.archive.writing import new_target
from apps.core.errors import NotFound


class Command(BaseCommand):
    """For operators: archives have all that the chats have, and e-mail addresses."""

    help = "Export chats into an archive, check an archive, or import one (docs/archive.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of the subcommands."""
        commands = parser.add_subparsers(dest="command", required=True)
        export = commands.add_parser("export", help="write an archive")
        export.add_argument("path", type=Path, help="a new folder, or a new file that ends in .zip")
        what = export.add_mutually_exclusive_group(required=True)
        what.add_argument("--chat", type=UUID, action="append", help="the id of a chat")
        what.add_argument("--person", help="the chats of a person, as the person sees them")
        what.add_argument("--all", action="store_true", help="all chats")
        checking = commands.add_parser("check", help="check an archive and its contents")
        checking.add_argument("path", type=Path)
        importing = commands.add_parser("import", help="import an archive")
        importing.add_argument("path", type=Path)
        pages = commands.add_parser("html", help="render an archive as pages that open offline")
        pages.add_argument("path", type=Path)
        pages.add_argument(
            "folder", type=Path, help="a new folder, or a new file that ends in .zip"
        )
        importing.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError."""
        run = {"export": self._export, "check": self._check, "import": self._import}
        run["html"] = self._pages
        try:
            run[options["command"]](options["path"], options)
        except ArchiveError as error:
            raise CommandError(str(error)) from error

    def _export(self, path: Path, options: dict[str, Any]) -> None:
        view = OPERATOR
        if options["person"]:
            user = User.objects.filter(username=options["person"].lower()).first()
            if user is None:
                raise CommandError(f"There is no account {options['person']}.")
            view, chats = View(user.id), chats_of(user.id)
        else:
            chats = options["chat"] or all_chats()
        try:
            made = export_to(path, chats, view)
        except FileExistsError as error:
            raise CommandError(f"{path} exists already.") from error
        except BaseException as error:
            _delete(path)  # half an archive
            if isinstance(error, NotFound):
                raise CommandError("There is no such chat.") from error
            raise
        self.stdout.write(f"Wrote {path}: {_numbers(made)}.")

    def _check(self, path: Path, options: dict[str, Any]) -> None:
        with open_source(path) as source:
            found = check(source)
        for error in found.refused.values():
            self.stdout.write(str(error))
        for sha256 in found.damaged:
            self.stdout.write(f"contents/{sha256}: is missing, or another content")
        if not found.is_whole:
            raise CommandError("This archive is not whole.")
        self.stdout.write(f"Nothing is wrong: {_numbers(found.archive)}.")

    def _pages(self, path: Path, options: dict[str, Any]) -> None:
        folder: Path = options["folder"]
        try:
            with open_source(path) as source:
                refused = check(source, contents=False).refused
                with new_target(folder) as target:
                    zone = ZoneInfo(settings.TIME_ZONE)
                    try:
                        count = render(source, target, zone=zone, without=refused)
                    except BaseException:
                        _delete(folder)  # half of the pages
                        raise
        except FileExistsError as error:
            raise CommandError(f"{folder} exists already.") from error
        for problem in refused.values():
            self.stdout.write(f"Left out: {problem}")
        self.stdout.write(f"Wrote {folder}: {count} chats. Open index.html.")

    def _import(self, path: Path, options: dict[str, Any]) -> None:
        with open_source(path) as source:
            done = import_archive(source, say=self.stdout.write, dry_run=options["dry_run"])
        if options["dry_run"]:
            self.stdout.write("Nothing was written. An import would do this:")
        for name, number in msgspec.to_builtins(done).items():
            self.stdout.write(f"{name}: {number}")
        if done.refused:
            raise CommandError("Some chats are left out, for the reasons above.")


def _numbers(archive: Any) -> str:
    names = ("people", "files", "chats", "entries")
    return ", ".join(f"{getattr(archive, name)} {name}" for name in names)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
