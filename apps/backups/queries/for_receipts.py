"""The backups that receipts of deletions name."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from apps.backups.models import Backup
from apps.backups.queries.newest import scheduled_destination
from apps.retention.backup_handlers import Backup as Named

State = Backup.State


def existing() -> Iterator[Named]:
    """The backups that are there or are being made, and until when the schedule is expected to keep
    each. One query. A failed one is no backup; what it left is deleted by the next one."""
    rows = Backup.objects.filter(state__in=(State.COMPLETE, State.RUNNING)).order_by("-began_at")
    newer: dict[str, int] = {}
    newest: dict[str, datetime] = {}
    for row in rows:
        newest.setdefault(row.destination, row.began_at)
        place = newer.get(row.destination, 0)
        until = _until(row.destination, newest[row.destination], place)
        yield Named(row.id, row.point_at or row.began_at, until)
        newer[row.destination] = place + 1


def _until(where: str, newest: datetime, newer: int) -> datetime | None:
    """When so many newer ones exist that a backup is deleted; None without a schedule."""
    if not settings.BACKUP_TO or not settings.BACKUP_HOURS:
        return None
    if where != scheduled_destination():
        return None
    every = timedelta(hours=settings.BACKUP_HOURS)
    following = max(newest + every, timezone.now())
    return following + every * max(0, settings.BACKUP_KEEP - newer - 1)
