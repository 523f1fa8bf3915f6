"""Records when, from where and with which program a session was last used.

Not on a hot path: each process remembers what it has recorded, and writes a session at most every
few minutes.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from django.db import Error, connection

from apps.accounts.device_labels import MAX_AGENT_LENGTH
from apps.core.client_address import UNKNOWN
from apps.core.database import database_outages

INTERVAL_S = 180.0
MAX_REMEMBERED = 50_000

# Skips a row that is locked: it is being ended, or written by another process. Skips one that
# another process has just written.
RECORD = """
WITH used AS (
    SELECT session.session_key, given.agent, given.address
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS given(key, agent, address)
    JOIN accounts_session AS session ON session.session_key = given.key
    WHERE session.agent = '' OR session.used_at < now() - make_interval(secs => %s)
    ORDER BY session.session_key
    FOR UPDATE OF session SKIP LOCKED
)
UPDATE accounts_session AS session
SET used_at = now(), agent = used.agent, address = used.address
FROM used WHERE session.session_key = used.session_key
"""


class Use(NamedTuple):
    """One use of a session. `address` is that of `core.client_address`."""

    session_key: str
    agent: str
    address: str


class _Recorded:
    """When this process last recorded each session; the least recently used are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: OrderedDict[str, float] = OrderedDict()

    def is_due(self, session_key: str) -> bool:
        """Whether to record the session now; then it is not due again for a while."""
        now = time.monotonic()
        with self._lock:
            at = self._at.get(session_key)
            if at is not None and now - at < INTERVAL_S:
                return False
            self._at[session_key] = now
            self._at.move_to_end(session_key)
            while len(self._at) > MAX_REMEMBERED:
                self._at.popitem(last=False)
        return True

    def clear(self) -> None:
        with self._lock:
            self._at.clear()


_recorded = _Recorded()


def due(uses: Iterable[Use]) -> list[Use]:
    """Those that are to be recorded now. Asks no database."""
    return [use for use in uses if _recorded.is_due(use.session_key)]


def record(uses: Iterable[Use]) -> None:
    """Record the uses that are due. A database that accepts no writes fails no request for it."""
    if rows := due(uses):
        try:
            write(rows)
        except Error as error:
            database_outages.failed(error)


def write(rows: list[Use]) -> None:
    """Record uses that `due` has returned, in one statement."""
    agents = [_storable(use.agent) for use in rows]
    places = ["" if use.address == UNKNOWN else use.address[:64] for use in rows]
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [[use.session_key for use in rows], agents, places, INTERVAL_S])


def forget() -> None:
    """Forget what this process has recorded."""
    _recorded.clear()


def _storable(agent: str) -> str:
    # The header may hold any byte; PostgreSQL stores no NUL.
    return "".join(letter for letter in agent if letter.isprintable())[:MAX_AGENT_LENGTH]
