"""The backups that may still have what was deleted, from an app above.

    class BackupsConfig(AppConfig):
        def ready(self) -> None:
            register_backups(for_receipts.existing)

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


# The backups that exist.
Backups = Callable[[], Iterable[Backup]]


def _none() -> Iterable[Backup]:
    return ()


_registered: Backups = _none


def register_backups(existing: Backups) -> None:
    """Name the backups that `existing` returns in receipts."""
    global _registered
    _registered = existing


def existing_backups() -> list[Backup]:
    """The backups that exist, the oldest first."""
    return sorted(_registered(), key=lambda each: each.made_at)
