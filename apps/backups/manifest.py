"""What a backup consists of, as its `manifest.json` says: docs/backup.md describes the format."""

from datetime import datetime

import msgspec
from msgspec import Struct

from apps.backups.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
FOLDER = "backups/"
OBJECTS = "objects/"


class Part(Struct, frozen=True):
    """An object of the destination: its name there, and size and SHA-256 of the stored bytes."""

    name: str
    size: int
    sha256: str


class Table(Struct, frozen=True):
    """A table. `digest`: see `digests.RowDigest`. `parts`: its rows in PostgreSQL's text format of
    COPY, in order."""

    name: str
    columns: list[str]
    rows: int
    digest: str
    parts: list[Part]


class StoredFile(Struct, frozen=True):
    """An object of the file storage: its key and size there, and where its copy is."""

    key: str
    size: int
    copy: Part


class Manifest(Struct, frozen=True, kw_only=True):
    """A complete backup. It is written last: a folder without it is no backup.

    `point_at`: the backup has all that was committed before. `release`: of the
    static files. `migrations`: the state of the schema.
    `files`: lists of `StoredFile`, a line of JSON each. `missing`: objects that the storage had
    lost before. `settings`: the settings and keys, if they are part of it.
    """

    format: int
    id: str
    release: str
    postgresql: int
    epoch: str
    encrypted: bool
    began_at: datetime
    point_at: datetime
    finished_at: datetime
    migrations: list[tuple[str, str]]
    sequences: dict[str, int]
    tables: list[Table]
    files: list[Part]
    file_count: int
    file_bytes: int
    missing: list[str]
    settings: Part | None = None

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def parts(self) -> list[Part]:
        """All objects that belong to this backup alone, except for the manifest."""
        of_tables = [part for table in self.tables for part in table.parts]
        return [*of_tables, *self.files, *([self.settings] if self.settings else [])]


def name_of(backup: str) -> str:
    """Where the manifest of a backup is."""
    return f"{FOLDER}{backup}/{MANIFEST}"


def encode(manifest: Manifest) -> bytes:
    """The manifest as a file that people can read, too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def decode(content: bytes) -> Manifest:
    """The manifest. Raises BackupError for another format."""
    try:
        found = msgspec.json.decode(content, type=dict)
        if found.get("format") != FORMAT:
            raise BackupError(
                f"The backup has format {found.get('format')}, and this release reads {FORMAT}: "
                "restore it with the release that made it."
            )
        return msgspec.convert(found, Manifest)
    except msgspec.MsgspecError as error:
        raise BackupError(f"The manifest of the backup is damaged: {error}") from None
