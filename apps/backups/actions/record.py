"""Records the backups that a destination has, for the admin, the schedule and receipts."""

from apps.backups import catalogue
from apps.backups.errors import BackupError
from apps.backups.gateways.destination import Destination
from apps.backups.manifest import Manifest
from apps.backups.models import Backup


def record_all(at: Destination) -> None:
    """Record all complete backups of a destination that are not known here: those of the
    installation from which this one was restored, or that had this destination before. Raises
    BackupError if it is away; one whose manifest is damaged is left out."""
    there = catalogue.backups(at)
    known = set(Backup.objects.filter(id__in=there).values_list("id", flat=True))
    for backup in there:
        if backup in known:
            continue
        try:
            found = catalogue.load_known(at, backup)
        except BackupError:
            continue
        record_found(at, found)


def record_found(at: Destination, found: Manifest) -> None:
    """Record a complete backup, unless it is known."""
    known = {
        "destination": at.shown,
        "state": Backup.State.COMPLETE,
        "encrypted": found.encrypted,
        "began_at": found.began_at,
        "point_at": found.point_at,
        "finished_at": found.finished_at,
        "rows": found.rows,
        "files": found.file_count,
        "bytes": found.file_bytes + sum(part.size for part in found.parts),
    }
    Backup.objects.get_or_create(id=found.id, defaults=known)
