"""How long a backup, a drill or a pruning may take: one that hangs keeps the others from beginning.

Between two steps a run ends itself (`TimeLimit`). One that hangs within a step loses its sessions
of PostgreSQL, and with them its locks (`gateways.sessions.end_overdue`).
"""

import time
from typing import Self

from msgspec import Struct

from apps.backups.errors import BackupError

TIMEOUT_S = 12 * 3600.0


class TimeLimit(Struct, frozen=True):
    """Of a run. `what` begins the message: "The drill"; `until` is of the monotonic clock."""

    what: str
    until: float

    @classmethod
    def begin(cls, what: str) -> Self:
        """The limit of a run that begins now."""
        return cls(what, time.monotonic() + TIMEOUT_S)

    def seconds_left(self) -> float:
        """Raises BackupError if there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise self.overdue()
        return left

    def overdue(self) -> BackupError:
        """For a step that has its own way to end in time."""
        return BackupError(f"{self.what} took more than {TIMEOUT_S / 3600:g} hours.")
