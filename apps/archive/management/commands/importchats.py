"""`manage.py importchats`: imports the chats of another chat server."""

import json
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from apps.archive.actions.importing import Imported, import_archive
from apps.archive.errors import ArchiveError, ExportError
from apps.archive.reading import open_source
from apps.archive.vendors.convert import VENDORS, Conversion, Options, convert
from apps.core.runtime import runtime
from apps.emoji.queries.emoji import known_names
from apps.files.queries.uploads import max_file_bytes

WORK = ".import"
OTHER_CONTENT = (
    "Some chats are left out, for the reasons above. A chat that was imported before takes no new"
    " messages from a newer export: people may have written in it since."
)


class Command(BaseCommand):
    """Converts an export into an archive and imports that."""

    help = "Import the export of a Slack, Mattermost or Zulip server (docs/importing.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The export, and what to do with it."""
        parser.add_argument("vendor", choices=sorted(VENDORS))
        parser.add_argument("export", type=Path, help="the file or folder of the export")
        parser.add_argument(
            "--dry-run", action="store_true", help="only report what is kept, changed and lost"
        )
        parser.add_argument(
            "--large",
            choices=["split", "refuse"],
            help="what becomes of groups with more members than a group may have here",
        )
        parser.add_argument("--files", type=Path, help="a folder with files that the export lacks")
        parser.add_argument("--work", type=Path, help="an empty folder for the conversion")
        parser.add_argument(
            "--workspace", default="", help="tells servers apart whose exports do not name them"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError that says why not."""
        path: Path = options["export"]
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        with _work_folder(path, options) as work:
            try:
                conversion = convert(options["vendor"], path, work, _options(options))
                notes: list[str] = []
                with open_source(conversion.folder) as source:
                    done = import_archive(source, say=notes.append, dry_run=options["dry_run"])
            except (ExportError, ArchiveError) as error:
                raise CommandError(str(error)) from error
            self._show(conversion, done, notes, options)
        if done.refused:
            raise CommandError(OTHER_CONTENT)

    def _show(
        self, conversion: Conversion, done: Imported, notes: list[str], options: dict[str, Any]
    ) -> None:
        numbers = msgspec.to_builtins(done)
        if options["json"]:
            report = conversion.report.as_json()
            shown = {"dry_run": options["dry_run"], "report": report, "import": numbers}
            self.stdout.write(json.dumps(shown | {"notes": notes}, ensure_ascii=False))
            return
        self.stdout.write(conversion.report.as_table())
        for note in notes:
            self.stdout.write(note)
        if options["dry_run"]:
            self.stdout.write("Nothing was written. An import would do this:")
        elif not any((done.made, done.files, done.chats, done.entries, done.refused)):
            self.stdout.write("Nothing new.")
        self.stdout.write(", ".join(f"{name}: {number}" for name, number in numbers.items()))


def _options(options: dict[str, Any]) -> Options:
    return Options(
        runtime.GROUP_SIZE,
        max_file_bytes(),
        # A report lists the large groups; an import waits for the choice.
        large=options["large"] or ("refuse" if options["dry_run"] else None),
        files=options["files"],
        workspace=options["workspace"],
        custom_emoji=known_names(),
    )


@contextmanager
def _work_folder(path: Path, options: dict[str, Any]) -> Iterator[Path]:
    """The folder of the conversion, which has all messages: it goes when the import is complete,
    and stays when something failed."""
    if options["dry_run"] and not options["work"]:
        with TemporaryDirectory() as folder:
            yield Path(folder)
        return
    work: Path = options["work"] or path.with_name(path.name + WORK)
    yield work
    shutil.rmtree(work)
