"""Converts an export into an archive in a work folder."""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

from apps.archive.errors import ExportError
from apps.archive.records import Archive
from apps.archive.vendors import mattermost, slack, zulip
from apps.archive.vendors.contents import Contents
from apps.archive.vendors.groups import Large
from apps.archive.vendors.identifiers import Identifiers
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.source import UNPACKED, Export, opened
from apps.archive.vendors.store import Store
from apps.archive.vendors.writer import Choices, Writer
from apps.archive.writing import FolderTarget

MARK = "conversion.json"
DATABASE = "conversion.sqlite3"
ARCHIVE = "archive"


class Reads(Protocol):
    """Reads an export of one vendor into the store."""

    def __call__(
        self, export: Export, ids: Identifiers, store: Store, report: Report
    ) -> People: ...


class Vendor(NamedTuple):
    """`workspace` finds the id of the workspace; empty when the export has none."""

    read: Reads
    workspace: Callable[[Export], str]


VENDORS = {
    "slack": Vendor(slack.read, slack.workspace),
    "mattermost": Vendor(mattermost.read, mattermost.workspace),
    "zulip": Vendor(zulip.read, zulip.workspace),
}


class Options(NamedTuple):
    """`files`: a folder with contents of files that the export does not have. `workspace`: tells
    two servers apart whose exports do not name them. `custom_emoji`: as in the report."""

    group_size: int
    max_file_bytes: int
    large: Large | None = None
    files: Path | None = None
    workspace: str = ""
    custom_emoji: Mapping[str, str] = {}


class Conversion(NamedTuple):
    """The archive, in a folder, and what became of the export."""

    folder: Path
    archive: Archive
    report: Report


def convert(vendor: str, path: Path, work: Path, options: Options) -> Conversion:
    """Convert an export into `archive` in the folder `work`, from the start.

    The same export gives the same archive, so a conversion that was interrupted is repeated. Raises
    ExportError.
    """
    report = Report(options.custom_emoji)
    _prepare(work)
    with ExitStack() as stack:
        export = stack.enter_context(opened(path, work))
        places = [export]
        if options.files:
            places.append(stack.enter_context(opened(options.files, work)))
        chosen = VENDORS[vendor]
        ids = Identifiers(vendor, options.workspace or chosen.workspace(export))
        store = Store(work / DATABASE, report)
        stack.callback(store.close)
        people = chosen.read(export, ids, store, report)
        folder = work / ARCHIVE
        target = FolderTarget(folder)
        archive = Writer(
            target,
            store=store,
            people=people,
            ids=ids,
            contents=Contents(target, places, max_bytes=options.max_file_bytes),
            choices=Choices(vendor, options.group_size, options.large),
            report=report,
        ).write()
    (work / DATABASE).unlink()
    return Conversion(folder, archive, report)


def _prepare(work: Path) -> None:
    """Empty the folder of what a conversion left there. Raises ExportError for a folder with
    anything else."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(work.iterdir()) and not (work / MARK).exists():
        raise ExportError(f"{work} has other files. Choose a folder that is empty.")
    (work / MARK).write_text(json.dumps({"made_by": "importchats"}))
    (work / DATABASE).unlink(missing_ok=True)
    shutil.rmtree(work / ARCHIVE, ignore_errors=True)
    shutil.rmtree(work / UNPACKED, ignore_errors=True)
