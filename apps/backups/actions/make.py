"""Makes a backup while people write.

First the rows, as of one moment, then the files that they name: no object is deleted before it is
copied (`sessions.running`). The manifest is written last. A killed backup leaves a folder without
one, which the next backup deletes; the copies of files that it has made are used again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from io import BytesIO

import msgspec
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.backups import catalogue, manifest
from apps.backups.actions.prune import delete_incomplete
from apps.backups.actions.record import record_all, record_found
from apps.backups.at_once import several_at_once
from apps.backups.digests import RowDigest
from apps.backups.errors import BackupError
from apps.backups.gateways import encryption, sessions
from apps.backups.gateways.destination import Destination, destination
from apps.backups.gateways.parts import Vault
from apps.backups.gateways.snapshot import Snapshot
from apps.backups.manifest import OBJECTS, Manifest, Part, StoredFile, Table
from apps.backups.models import Backup
from apps.backups.queries import newest
from apps.backups.time_limit import TimeLimit
from apps.core.errors import StorageUnavailable
from apps.core.storage import ObjectMissing, object_storage

# After so many copied files their hashes are written down, for the next backup if this one dies.
LISTED_AT_ONCE = 500
Say = Callable[[str], None]


class _Rows(msgspec.Struct, frozen=True):
    """What the snapshot had: the tables are at the destination."""

    at: datetime
    postgresql: int
    epoch: str
    migrations: list[tuple[str, str]]
    sequences: dict[str, int]
    tables: list[Table]
    objects: list[tuple[str, int]]


def make_backup(
    where: str,
    *,
    recipients: Sequence[str] = (),
    keys_in_clear: bool = False,
    say: Say,
    say_details: Say | None = None,
) -> Manifest:
    """Make a backup at `where`, and return its manifest.

    Encrypted to `recipients`; then it also has the settings and keys, as with `keys_in_clear`.
    `say` gets a line about each step, `say_details` one about each table. Raises BackupError, also
    when it takes too long: nothing at the destination has changed but for copies of files, which
    the next backup uses.
    """
    at = destination(where, TimeLimit.begin("The backup"))
    with sessions.running(hold_deletions=True) as lock:
        row = _begin(at, encrypted=bool(recipients))
        try:
            record_all(at, running=row.id)
            vault = Vault(at, encryption.recipients(recipients))
            made = _Making(vault, row, encryption.tag(recipients), say, say_details).run(
                with_settings=bool(recipients) or keys_in_clear
            )
            sessions.refuse_lost(lock)
            vault.at.put_bytes(manifest.name_of(row.id), manifest.encode(made))
        except BackupError as error:
            row.state, row.problem = Backup.State.FAILED, str(error)[:500]
            row.finished_at = timezone.now()
            row.save()  # complete again if the manifest is found there: see record_all
            raise
    row.save(update_fields=["new_bytes"])
    record_found(at, made)
    return made


def _begin(at: Destination, *, encrypted: bool) -> Backup:
    """Record it before the destination is asked: so one that is away is recorded, too."""
    now = timezone.now()
    # Ids are in the order of time.
    name = f"{now:%Y%m%dT%H%M%SZ-%f}"
    return Backup.objects.create(id=name, destination=at.shown, encrypted=encrypted, began_at=now)


class _Making:
    """One backup. `tag`: whom its files are encrypted to."""

    def __init__(
        self, vault: Vault, row: Backup, tag: str, say: Say, say_details: Say | None
    ) -> None:
        self._vault, self._row, self._tag = vault, row, tag
        self._say, self._say_details = say, say_details
        self._folder = f"{manifest.FOLDER}{row.id}/"

    def run(self, *, with_settings: bool) -> Manifest:
        """Write everything but the manifest, which is returned."""
        known = catalogue.known_files(self._vault.at, self._tag)
        delete_incomplete(self._vault.at, keep=self._row.id)
        self._say(f"backup {self._row.id} to {self._vault.at.shown}")
        rows = self._write_rows()
        count = sum(table.rows for table in rows.tables)
        self._say(f"rows: {count} of {len(rows.tables)} tables")
        lost: list[str] = []
        written = [0, 0]
        lists = list(self._write_lists(self._copy_files(rows.objects, known, lost), written))
        self._say(f"files: {written[0]}, {self._row.new_bytes} bytes copied")
        for key in lost:
            self._say(f"missing at the file storage, so not in the backup: {key}")
        return Manifest(
            format=manifest.FORMAT,
            id=self._row.id,
            release=settings.STATIC_RELEASE,
            postgresql=rows.postgresql,
            epoch=rows.epoch,
            encrypted=bool(self._vault.to),
            began_at=self._row.began_at,
            point_at=rows.at,
            finished_at=timezone.now(),
            migrations=rows.migrations,
            sequences=rows.sequences,
            tables=rows.tables,
            files=lists,
            file_count=written[0],
            file_bytes=written[1],
            missing=lost,
            settings=self._write_settings() if with_settings else None,
        )

    def _write_rows(self) -> _Rows:
        with sessions.transaction("REPEATABLE READ, READ ONLY") as cursor:
            snapshot = Snapshot(cursor)
            at, version, epoch = snapshot.point()
            tables = [
                self._write_table(snapshot, name, columns) for name, columns in snapshot.tables()
            ]
            objects, migrations = snapshot.objects(), snapshot.migrations()
            return _Rows(at, version, epoch, migrations, snapshot.sequences(), tables, objects)

    def _write_table(self, snapshot: Snapshot, name: str, columns: list[str]) -> Table:
        digest = RowDigest()
        rows = snapshot.rows(name, columns, digest)
        path = f"{self._folder}tables/{name}"
        parts = list(self._vault.write_parts(lambda number: f"{path}.{number:04}", rows))
        self._row.new_bytes += sum(part.size for part in parts)
        if self._say_details:
            self._say_details(f"{name}: {digest.rows} rows")
        return Table(name, columns, digest.rows, digest.hexdigest(), parts)

    def _copy_files(
        self, objects: list[tuple[str, int]], known: dict[str, StoredFile], lost: list[str]
    ) -> Iterator[StoredFile]:
        """Copy what the destination does not have yet. Yields all, in order."""
        stored = {each.key: each.size for each in self._vault.at.listing(self._place(""))}
        is_doubted = newest.has_damaged_copies(self._vault.at.shown)
        jobs = (
            partial(
                self._ensure_copied,
                key,
                size,
                there=stored.get(self._place(key) + self._vault.suffix),
                had=known.get(key),
                is_doubted=is_doubted,
            )
            for key, size in objects
        )
        for (key, _), (copied, new) in zip(objects, several_at_once(jobs), strict=True):
            self._row.new_bytes += new
            if copied is None:
                lost.append(key)
            else:
                yield copied

    def _ensure_copied(
        self, key: str, size: int, *, there: int | None, had: StoredFile | None, is_doubted: bool
    ) -> tuple[StoredFile | None, int]:
        """The copy of an object, and how many bytes were written; no copy of one that the storage
        has lost. `there`: the size of its copy at the destination; `had`: what is known of it."""
        if there is not None:
            if had and (had.copy.size, had.size) == (there, size) and not is_doubted:
                return had, 0
            name = self._place(key) + self._vault.suffix
            found = self._vault.at.measure(name)
            # Without a hash: copied by a backup that died before it had written it down.
            is_whole = had.copy == found if had else bool(self._vault.to) or found.size == size
            if is_whole:
                return StoredFile(key, size, found), 0
            self._say(f"{name} is damaged, and copied again")
        try:
            copied = self._copy_file(key, size)
        except ObjectMissing:
            return None, 0
        return copied, copied.copy.size

    def _copy_file(self, key: str, size: int) -> StoredFile:
        try:
            with object_storage().open_object(key) as file:
                return StoredFile(key, size, self._vault.put(self._place(key), file))
        except StorageUnavailable as error:
            raise BackupError(f"{key} cannot be read: {error.__cause__}. Run it again.") from error

    def _place(self, key: str) -> str:
        return f"{OBJECTS}{self._tag}/{key}"

    def _write_lists(self, files: Iterator[StoredFile], written: list[int]) -> Iterator[Part]:
        """Write the lists of files: not encrypted, because the next backup reads them."""
        lines: list[bytes] = []
        number = 1
        for each in files:
            lines.append(msgspec.json.encode(each) + b"\n")
            written[0], written[1] = written[0] + 1, written[1] + each.size
            if len(lines) == LISTED_AT_ONCE:
                yield self._write_list(number, lines)
                number, lines = number + 1, []
        if lines:
            yield self._write_list(number, lines)

    def _write_list(self, number: int, lines: list[bytes]) -> Part:
        name = f"{self._folder}{self._tag}-files.{number:05}.jsonl"
        return self._vault.at.put(name, BytesIO(b"".join(lines)))

    def _write_settings(self) -> Part:
        chosen: dict[str, str] = import_string(settings.BACKUP_SETTINGS)()
        content = msgspec.json.format(msgspec.json.encode(chosen), indent=1)
        return self._vault.put(f"{self._folder}settings.json", BytesIO(content))
