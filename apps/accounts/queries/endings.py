"""Records of ended access, in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext, gettext_noop, ngettext

from apps.accounts.access_handlers import handlers
from apps.accounts.models import EndedAccess, Ending
from apps.accounts.queries.sessions import SESSION_HASH

CONNECTIONS = "live connections"
# Kinds that the records have, in the words of which they are translated when they are shown.
KINDS = (
    gettext_noop("data exports"),
    gettext_noop("groups passed on"),
    gettext_noop("invite links"),
    gettext_noop("live connections"),
    gettext_noop("provider tokens"),
    gettext_noop("push subscriptions"),
    gettext_noop("scheduled messages"),
    gettext_noop("sessions"),
)
# The names of sessions are hashes of their keys.
SESSIONS_LEFT = f"""
SELECT count(*) FROM accounts_session WHERE user_id = %s AND {SESSION_HASH} = ANY(%s)
"""  # noqa: S608  constants only


class Totals(NamedTuple):
    """What ended, by kind; in how many server processes; and how long it took."""

    counts: Mapping[str, int]
    processes: int
    took: timedelta

    def __str__(self) -> str:
        parts = [
            f"{gettext(kind)}: {count}{self._where(kind)}"
            for kind, count in self.counts.items()
            if count
        ]
        return gettext("%(what)s; over after %(seconds)s s") % {
            "what": ", ".join(parts) or gettext("nothing"),
            "seconds": f"{self.took.total_seconds():.1f}",
        }

    def _where(self, kind: str) -> str:
        if kind != CONNECTIONS:
            return ""
        words = ngettext(" in %(count)s process", " in %(count)s processes", self.processes)
        return words % {"count": self.processes}


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
