"""What the metrics, the health and the schedule know of backups."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from msgspec import Struct

from apps.backups.manifest import OBJECTS
from apps.backups.models import Backup

# A failed attempt is repeated after this time.
RETRY = timedelta(minutes=15)
DRILL_RETRY = timedelta(hours=6)
# A backup takes its time, and the schedule may have to wait for it.
GRACE = timedelta(hours=2)


class BackupStatus(Struct, frozen=True):
    """`newest`: the newest complete backup. `proven`: the newest that a drill has restored.
    `tried_at`: when the last one was begun, complete or not. `problem`: why that failed."""

    newest: Backup | None
    proven: Backup | None
    tried_at: datetime | None
    problem: str


def scheduled_destination() -> str:
    """BACKUP_TO as rows have it: a folder as an absolute path. Empty without one."""
    where: str = settings.BACKUP_TO
    return where if not where or where.startswith("s3://") else str(Path(where).absolute())


def status(destination: str = "") -> BackupStatus:
    """Of all backups, or of those at a destination. Two rows of an index, and a few more where
    drills fail."""
    rows = Backup.objects.filter(destination=destination) if destination else Backup.objects.all()
    complete = rows.filter(state=Backup.State.COMPLETE).order_by("-point_at")
    last = rows.order_by("-began_at").first()
    return BackupStatus(
        complete.first(),
        complete.filter(drilled_at__isnull=False, drill_problem="").order_by("-drilled_at").first(),
        last.began_at if last else None,
        last.problem if last and last.state == Backup.State.FAILED else "",
    )


def is_backup_due() -> bool:
    """Whether the server should begin a backup by itself now."""
    if not settings.BACKUP_TO or not settings.BACKUP_HOURS:
        return False
    found, now = status(scheduled_destination()), timezone.now()
    if found.tried_at and found.tried_at > now - RETRY:
        return False
    every = timedelta(hours=settings.BACKUP_HOURS)
    return found.newest is None or found.newest.began_at <= now - every


def drill_due() -> Backup | None:
    """The newest backup, if the server should drill it by itself now."""
    if not settings.BACKUP_TO or not settings.BACKUP_DRILL_DAYS:
        return None
    where, now = scheduled_destination(), timezone.now()
    newest = status(where).newest
    if newest is None or (newest.encrypted and not settings.BACKUP_IDENTITY):
        return None
    every = timedelta(days=settings.BACKUP_DRILL_DAYS)
    done = Q(drilled_at__gt=now - every, drill_problem="")
    tried = done | Q(drill_began_at__gt=now - DRILL_RETRY) | Q(drilled_at__gt=now - DRILL_RETRY)
    return None if Backup.objects.filter(tried, destination=where).exists() else newest


def proven(backups: Sequence[str]) -> str:
    """The newest of these that a drill has restored; empty if none has."""
    rows = Backup.objects.filter(id__in=backups, drilled_at__isnull=False, drill_problem="")
    return rows.order_by("-began_at").values_list("id", flat=True).first() or ""


def has_damaged_copies(destination: str) -> bool:
    """Whether the last drill of the newest backup of a destination found that the copy of a file is
    damaged: what is wrong then begins with the copy."""
    found = status(destination).newest
    return found is not None and found.drill_problem.startswith(OBJECTS)


def lateness() -> str:
    """What is wrong with the backups: "none", "old", "unproven", "damaged", or "" if all is well.
    Those at BACKUP_TO count; without one, all.

    "unproven": no drill has restored one lately; "damaged": the last drill of the newest failed.
    """
    found, now = status(scheduled_destination()), timezone.now()
    if found.newest is None or found.newest.point_at is None:
        return "none"
    if found.newest.drill_problem:
        return "damaged"
    every = timedelta(hours=settings.BACKUP_HOURS)
    if every and found.newest.point_at < now - every - GRACE:
        return "old"
    drills = timedelta(days=settings.BACKUP_DRILL_DAYS)
    proven_at = found.proven.drilled_at if found.proven else None
    if drills and (proven_at is None or proven_at < now - drills - GRACE):
        return "unproven"
    return ""
