"""Restores a backup into an empty installation.

Everything is checked before the first change. Then the files, then the tables in one transaction,
then newer migrations, and last a new epoch. A restore that was killed begins again: files that are
there already are not written again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec
from django.db import connection

from apps.backups import catalogue
from apps.backups.actions.record import record_all
from apps.backups.at_once import several_at_once
from apps.backups.errors import BackupError, NoIdentity
from apps.backups.gateways import encryption, restoring, sessions
from apps.backups.gateways.destination import destination, temporary_file
from apps.backups.gateways.parts import Vault
from apps.backups.manifest import OBJECTS, Manifest, StoredFile, Table
from apps.chats.gateways.search.indexer import catch_up_all_chats
from apps.chats.indexed_revisions import lag
from apps.core.errors import StorageUnavailable
from apps.core.storage import ObjectMissing, object_storage

Say = Callable[[str], None]


class Restored(msgspec.Struct, frozen=True):
    """What a restore has written."""

    manifest: Manifest
    copied: int


def ignore(settings: dict[str, str]) -> None:
    """For a drill."""


def restore(
    where: str,
    backup: str,
    *,
    identities: Sequence[encryption.Identity] = (),
    with_files: bool = True,
    keep_settings: Callable[[dict[str, str]], None] = ignore,
    say: Say,
) -> Restored:
    """Restore a backup, or the newest one (`catalogue.LATEST`). `keep_settings` gets its settings
    and keys before the last step, so that a run after a kill gets them again.

    Raises BackupError: without a change if the backup is damaged, of a newer release or encrypted
    to others, or if the installation is not empty; else with a database that no process serves,
    until the restore is run again.
    """
    vault = Vault(destination(where), by=identities)
    found = catalogue.load(vault.at, backup)
    restoring.refuse_other_release(found)
    restoring.refuse_unfit_database()
    # Open to the end: a second restore sees a connection, and does not begin.
    with sessions.running() as lock:
        settings = check_parts(vault, found, say)
        files = _checked_files(vault, found) if with_files else []
        restoring.begin(found.id)
        copied = sum(several_at_once(partial(_copy, vault, each) for each in files))
        say(f"files: {len(files)}, {copied} copied")
        _load_rows(vault, found, say)
        keep_settings(settings)
        sessions.refuse_lost(lock)
        if with_files:  # a drill's database is dropped
            record_all(vault.at)
            restoring.close_pool()
        restoring.finish()
    return Restored(found, copied)


def _load_rows(vault: Vault, found: Manifest, say: Say) -> None:
    restoring.migrate(found)
    with sessions.transaction() as cursor:
        load = restoring.Load(cursor)
        load.begin(found.tables)
        for table in found.tables:
            load.fill(table, _rows(vault, table))
            say(f"{table.name}: {table.rows} rows")
        say("indexes, and all rows are read again")
        load.finish(found)
    restoring.migrate_to_this_release()


def rebuild_search(say: Say) -> None:
    """Index all messages. Workers go on with it if this process is killed."""
    behind = None
    while (left := _behind()) and left != behind:
        say(f"search: {left} changes to index")
        catch_up_all_chats()
        behind = left
    restoring.close_pool()


def check_parts(vault: Vault, found: Manifest, say: Say) -> dict[str, str]:
    """Read all parts, and compare their hashes. Returns the settings. Raises BackupError."""
    if found.encrypted and not vault.by:
        raise NoIdentity
    settings = _settings(vault, found)
    for part in found.parts:
        with vault.at.open(part):
            pass
    say(f"backup {found.id} of {found.point_at:%Y-%m-%d %H:%M:%S} UTC: its parts are complete")
    return settings


def _checked_files(vault: Vault, found: Manifest) -> list[StoredFile]:
    """The files, all of which are there. Their hashes are compared when they are copied."""
    files = catalogue.files_of(vault.at, found)
    sizes = {each.key: each.size for each in vault.at.listing(OBJECTS)}
    for each in files:
        if sizes.get(each.copy.name) != each.copy.size:
            raise BackupError(f"{each.copy.name} of the backup is missing or cut off.")
    return files


def _settings(vault: Vault, found: Manifest) -> dict[str, str]:
    """Also finds out at once whether the identity is the right one."""
    if found.settings is None:
        return {}
    with vault.open(found.settings) as file:
        return msgspec.json.decode(file.read(), type=dict[str, str])


def _rows(vault: Vault, table: Table) -> Iterator[bytes]:
    for part in table.parts:
        yield from vault.read_lines(part)


def _copy(vault: Vault, file: StoredFile) -> bool:
    """Write an object to the file storage, unless it is there."""
    storage = object_storage()
    try:
        try:
            if len(storage.read_range(file.key, max(0, file.size - 1), 2)) == min(1, file.size):
                return False
        except ObjectMissing:
            pass
        with temporary_file() as content:
            vault.restore_file(file.copy, content)
            if content.tell() != file.size:
                raise BackupError(f"{file.copy.name} of the backup has another size than its file.")
            storage.put(file.key, content)
    except StorageUnavailable as error:
        raise BackupError(f"{file.key} cannot be written: {error.__cause__}") from error
    return True


def _behind() -> int:
    with connection.cursor() as cursor:
        cursor.execute(lag("chats_indexed"))
        [changes] = cursor.fetchone()
    return int(changes)
