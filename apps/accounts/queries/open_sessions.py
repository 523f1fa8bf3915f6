"""Sessions that have not expired, of people whose accounts are open."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from django.utils import timezone

from apps.accounts.models import Session, User
from apps.core.reads import Columns, Read, Rows

OPEN = """
JOIN accounts_user AS person ON person.id = session.user_id
WHERE person.is_active AND session.expire_date > %s
"""


def reading(session_keys: Collection[str]) -> Read[dict[str, Session]]:
    """The read of those of these sessions that are open, by key, each with its person."""
    sql = f"""
SELECT {columns()} FROM accounts_session AS session {OPEN} AND session.session_key = ANY(%s)
"""  # noqa: S608  constants only

    def build(rows: Rows) -> dict[str, Session]:
        return {session.session_key: session for session in map(session_in, rows)}

    return Read(sql, [timezone.now(), list(session_keys)], build)


def columns() -> str:
    """The columns of `session` and `person` that `session_in` reads."""
    session, person = _both()
    return f"{session.sql}, {person.sql}"


def session_in(row: Sequence[Any]) -> Session:
    """The session in a row of `columns`, with its person."""
    session, person = _both()
    found = session.instance(row[: session.count])
    found.user = person.instance(row[session.count :])
    return found


@cache
def _both() -> tuple[Columns[Session], Columns[User]]:
    return Columns(Session, "session"), Columns(User, "person")
