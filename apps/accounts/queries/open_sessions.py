"""Sessions that have not expired, of people whose accounts are open, and of their bots."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from django.utils import timezone

from apps.accounts.models import Session, User
from apps.core.reads import Columns, Read, Rows

OPEN = """
JOIN accounts_user AS person ON person.id = session.user_id
LEFT JOIN accounts_user AS owner ON owner.id = person.bot_owner_id
WHERE person.is_active AND owner.is_active IS NOT false AND session.expire_date > %s
"""


def reading(session_keys: Collection[str]) -> Read[dict[str, Session | Exception]]:
    """The read of those of these sessions that are open, by key, each with its person."""
    sql = f"""
SELECT session.session_key, {columns()}
FROM accounts_session AS session {OPEN} AND session.session_key = ANY(%s)
"""  # noqa: S608  constants only
    return Read(sql, [timezone.now(), list(session_keys)], sessions_in, binary=False)


def columns() -> str:
    """The columns of `session` and `person` that `sessions_in` reads."""
    session, person = _both()
    return f"{session.sql}, {person.sql}"


def sessions_in(rows: Rows) -> dict[str, Session | Exception]:
    """The sessions in rows of a name and `columns`, by this name. An error in place of a session
    is for that one alone."""
    return {name: _session_in(row) for name, *row in rows}


def _session_in(row: Sequence[Any]) -> Session | Exception:
    session, person = _both()
    try:
        found = session.instance(row[: session.count])
        found.user = person.instance(row[session.count :])
    except Exception as error:
        return error
    return found


@cache
def _both() -> tuple[Columns[Session], Columns[User]]:
    return Columns(Session, "session"), Columns(User, "person")
