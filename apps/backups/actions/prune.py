"""Deletes old backups, and what killed ones have left."""

from collections.abc import Callable

from apps.backups import catalogue
from apps.backups.actions.record import record_all
from apps.backups.gateways import sessions
from apps.backups.gateways.destination import Destination, destination
from apps.backups.manifest import FOLDER, OBJECTS, name_of
from apps.backups.models import Backup
from apps.backups.queries import newest
from apps.backups.time_limit import TimeLimit


def prune(where: str, *, keep: int, say: Callable[[str], None]) -> list[str]:
    """Delete all complete backups but the newest `keep`, at least one, and the newest that a drill
    has proven; and the copies of files that none of these has. Returns the deleted ones. Raises
    BackupError."""
    at = destination(where, TimeLimit.begin("The pruning"))
    with sessions.running() as lock:
        record_all(at)
        known = catalogue.backups(at)
        proven = newest.proven(known)
        old = [each for each in known[: -max(1, keep)] if each != proven]
        for each in old:
            _delete(at, each)
            say(f"deleted {each}")
        delete_incomplete(at)
        shared = _delete_unused_copies(at, [each for each in known if each not in old], lock)
        say(f"{len(old)} backups deleted, {shared} copies of files; {len(known) - len(old)} kept")
    return old


def delete_incomplete(at: Destination, *, keep: str = "") -> None:
    """Delete the folders without a manifest, except for `keep`."""
    for backup, names in catalogue.incomplete(at).items():
        if backup != keep:
            at.delete(names)


def _delete(at: Destination, backup: str) -> None:
    """The manifest goes first: half of a backup must not look like one."""
    at.delete([name_of(backup)])
    at.delete([each.key for each in at.listing(f"{FOLDER}{backup}/")])
    Backup.objects.filter(id=backup).update(state=Backup.State.DELETED)


def _delete_unused_copies(at: Destination, kept: list[str], lock: sessions.Cursor) -> int:
    used: set[str] = set()
    for backup in kept:
        used |= {each.copy.name for each in catalogue.files_of(at, catalogue.load(at, backup))}
    unused = [each.key for each in at.listing(OBJECTS) if each.key not in used]
    # A backup that has begun since then may need these copies.
    sessions.refuse_lost(lock)
    at.delete(unused)
    return len(unused)
