"""Records the backups that a destination has, for the admin, the schedule and receipts."""

from django.db.models.functions import Now

from apps.backups import catalogue
from apps.backups.errors import BackupError
from apps.backups.gateways.destination import Destination
from apps.backups.manifest import Manifest
from apps.backups.models import Backup

State = Backup.State


def record_all(at: Destination, *, running: str = "") -> None:
    """Make the records of a destination say what is there. Only for a run that has the lock;
    `running` is its own backup.

    Complete backups that are not known here are recorded: those of the installation from which this
    one was restored, or that had this destination before, and one whose manifest is there although
    its run failed or was killed. Others that were running are failed, and complete ones that are
    gone deleted. Raises BackupError if the destination is away; one whose manifest is damaged is
    left out.
    """
    there = catalogue.backups(at)
    complete = Backup.objects.filter(id__in=there, state=State.COMPLETE)
    for backup in set(there) - set(complete.values_list("id", flat=True)):
        try:
            found = catalogue.load_known(at, backup)
        except BackupError:
            continue
        record_found(at, found)
    here = Backup.objects.filter(destination=at.shown).exclude(id=running)
    here.filter(state=State.COMPLETE).exclude(id__in=there).update(state=State.DELETED)
    here.filter(state=State.RUNNING).update(
        state=State.FAILED, problem="It was killed.", finished_at=Now()
    )


def record_found(at: Destination, found: Manifest) -> None:
    """Record a complete backup, unless it is known as one."""
    if Backup.objects.filter(id=found.id, state=State.COMPLETE).exists():
        return
    known = {
        "destination": at.shown,
        "state": State.COMPLETE,
        "encrypted": found.encrypted,
        "began_at": found.began_at,
        "point_at": found.point_at,
        "finished_at": found.finished_at,
        "rows": found.rows,
        "files": found.file_count,
        "bytes": found.file_bytes + sum(part.size for part in found.parts),
        "problem": "",
    }
    Backup.objects.update_or_create(id=found.id, defaults=known)
