"""Records of ended access, in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from apps.accounts.access_handlers import handlers
from apps.accounts.models import EndedAccess, Ending

CONNECTIONS = "live connections"
# The names of sessions are hashes of their keys: see `queries.sessions.session_hash`.
SESSIONS_LEFT = """
SELECT count(*) FROM accounts_session
WHERE user_id = %s AND left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 32) = ANY(%s)
"""


class Totals(NamedTuple):
    """What ended, by kind; in how many server processes; and how long it took."""

    counts: Mapping[str, int]
    processes: int
    took: timedelta

    def __str__(self) -> str:
        parts = [
            f"{kind}: {count}{self._where(kind)}" for kind, count in self.counts.items() if count
        ]
        return f"{', '.join(parts) or 'nothing'}; over after {self.took.total_seconds():.1f} s"

    def _where(self, kind: str) -> str:
        if kind != CONNECTIONS:
            return ""
        return f" in {self.processes} process{'' if self.processes == 1 else 'es'}"


def totals(ending: Ending, parts: Iterable[EndedAccess]) -> Totals:
    """The sums over the parts of a record."""
    counts: defaultdict[str, int] = defaultdict(int)
    processes = set()
    over_at = ending.begun_at
    for part in parts:
        counts[part.kind] += part.count
        over_at = max(over_at, part.over_at)
        if part.process:
            processes.add(part.process)
    return Totals(dict(counts), len(processes), over_at - ending.begun_at)


def left(ending: Ending) -> dict[str, int] | None:
    """How many of each kind the person still has, asked now; everything should be zero.

    None when the account has been opened again: what it has is new.
    """
    if not ending.account:
        return {"sessions": _sessions_left(ending.user_id, ending.connected_as)}
    if ending.user.is_active:
        return None
    counts: dict[str, int] = {}
    for each in handlers():
        counts |= each.left(ending.user_id)
    return counts


def _sessions_left(user_id: UUID, names: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS_LEFT, [user_id, names])
        count: int
        [count] = cursor.fetchone()
    return count
