"""What is at a destination.

backups/ID/manifest.json            written last: without it, the folder is no backup
backups/ID/tables/TABLE.0001.gz     rows
backups/ID/TAG-files.00001.jsonl    which copies of files belong to the backup
backups/ID/settings.json
objects/TAG/KEY                     copies of files, which all backups to the same keys share
"""

from contextlib import suppress

import msgspec

from apps.backups import manifest
from apps.backups.errors import BackupError
from apps.backups.gateways.destination import Destination
from apps.backups.manifest import FOLDER, MANIFEST, Manifest, Part, StoredFile

LATEST = "latest"


def backups(at: Destination) -> list[str]:
    """The ids of all complete backups, the oldest first."""
    return sorted(_complete(_folders(at)))


def incomplete(at: Destination) -> dict[str, list[str]]:
    """The objects of each folder without a manifest, by the backup."""
    folders = _folders(at)
    complete = _complete(folders)
    return {name: each for name, each in folders.items() if name not in complete}


def load(at: Destination, backup: str = LATEST) -> Manifest:
    """The manifest of a backup, or of the newest one. Raises BackupError."""
    known = backups(at)
    if not known:
        raise BackupError(f"{at.shown} has no backup.")
    if backup == LATEST:
        backup = known[-1]
    if backup not in known:
        raise BackupError(f"{at.shown} has no backup {backup}; the newest is {known[-1]}.")
    return load_known(at, backup)


def load_known(at: Destination, backup: str) -> Manifest:
    """The manifest of a backup that is there. Raises BackupError."""
    return manifest.decode(at.read(manifest.name_of(backup)))


def files_of(at: Destination, found: Manifest) -> list[StoredFile]:
    """The files of a backup. Raises BackupError if a list is damaged."""
    files: list[StoredFile] = []
    for part in found.files:
        with at.open(part) as file:
            files += _decode(file.read())
    return files


def known_files(at: Destination, tag: str) -> dict[str, StoredFile]:
    """By key, the copies of files whose hashes the newest backup or a killed one has written.
    Damaged lists are left out: one at the destination must not stop later backups."""
    known: dict[str, StoredFile] = {}
    for names in incomplete(at).values():
        for name in names:
            if _is_list(name, tag):
                with suppress(BackupError):
                    known |= {each.key: each for each in _decode(at.read(name))}
    for part in _newest_lists(at):
        if _is_list(part.name, tag):
            with suppress(BackupError), at.open(part) as file:
                known |= {each.key: each for each in _decode(file.read())}
    return known


def _is_list(name: str, tag: str) -> bool:
    return name.rpartition("/")[2].startswith(f"{tag}-files.")


def _newest_lists(at: Destination) -> list[Part]:
    """The lists of the newest backup whose manifest can be read."""
    for backup in reversed(backups(at)):
        with suppress(BackupError):
            return load(at, backup).files
    return []


def _folders(at: Destination) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for each in at.listing(FOLDER):
        backup, _, rest = each.key.removeprefix(FOLDER).partition("/")
        if rest:
            folders.setdefault(backup, []).append(each.key)
    return folders


def _complete(folders: dict[str, list[str]]) -> set[str]:
    return {name for name, keys in folders.items() if f"{FOLDER}{name}/{MANIFEST}" in keys}


def _decode(lines: bytes) -> list[StoredFile]:
    try:
        return msgspec.json.decode(
            b"[" + b",".join(lines.splitlines()) + b"]", type=list[StoredFile]
        )
    except msgspec.MsgspecError as error:
        raise BackupError(f"A list of files of the backup is damaged: {error}") from None
