"""The backups that may still have what was deleted, from an app above.

    class BackupsConfig(AppConfig):
        def ready(self) -> None:
            register_backups(queries.made_between)

Without it, a receipt names no backup; docs/retention.md says what that means.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple


class Backup(NamedTuple):
    """A backup, when it was made, and until when it is kept; None: until somebody deletes it."""

    name: str
    made_at: datetime
    until: datetime | None


# Called with a time: the backups that exist and were made before it.
Backups = Callable[[datetime], Iterable[Backup]]


def _none(before: datetime) -> Iterable[Backup]:
    return ()


_registered: Backups = _none


def register_backups(made_before: Backups) -> None:
    """Name the backups that `made_before` returns in receipts."""
    global _registered
    _registered = made_before


def backups_with(deleted_at: datetime) -> list[Backup]:
    """The backups that still have what was deleted until `deleted_at`. One that was made while it
    was being deleted has a part of it."""
    return sorted(_registered(deleted_at), key=lambda each: each.made_at)
