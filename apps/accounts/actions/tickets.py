"""Tickets: how an app that cannot set headers opens a live connection.

A browser's WebSocket and EventSource send no Authorization header, and an access token in an
address would end up in logs. A ticket in the address is worth nothing there: it works once, for
TTL_S seconds.
"""

from collections.abc import Iterable
from secrets import token_urlsafe
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.accounts.models import Session
from apps.accounts.queries import open_sessions
from apps.accounts.tokens import digest
from apps.core.errors import NotFound
from apps.core.limits import TICKETS, limited
from apps.core.reads import Read

TTL_S = 30
MAX_LENGTH = 100
ISSUE = """
INSERT INTO accounts_ticket (digest, user_id, session_key, expires_at)
SELECT %s, session.user_id, session.session_key, now() + make_interval(secs => %s)
FROM accounts_session AS session JOIN accounts_user AS person ON person.id = session.user_id
WHERE session.session_key = %s AND session.user_id = %s AND session.refresh_id IS NOT NULL
  AND person.is_active AND session.expire_date > now()
"""
# Deleting it is using it: of two connections with the same ticket, one gets the row.
USE = """
WITH used AS (
    DELETE FROM accounts_ticket WHERE digest = ANY(%s)
    RETURNING digest, user_id, session_key, expires_at > now() AS valid
)
SELECT used.digest, {columns} FROM used JOIN accounts_session AS session
    ON session.session_key = used.session_key AND session.user_id = used.user_id
{tail} AND used.valid
"""
DELETE_EXPIRED = "DELETE FROM accounts_ticket WHERE expires_at < now()"


@limited(TICKETS)
def issue(user_id: UUID, *, session_key: str) -> str:
    """A ticket (256 random bits, base64url) for the app with this session.

    Raises NotFound when that is no app of the person, or was signed out.
    """
    ticket = token_urlsafe(32)
    with connection.cursor() as cursor:
        cursor.execute(ISSUE, [digest(ticket), TTL_S, session_key, user_id])
        if not cursor.rowcount:
            raise NotFound
    return ticket


def using(tickets: Iterable[str]) -> Read[dict[str, Session | Exception]]:
    """A statement that uses these tickets up: the open sessions of those that are valid, by digest.
    Unknown, used and expired tickets are left out, and those whose app was signed out."""
    sql = USE.format(columns=open_sessions.columns(), tail=open_sessions.OPEN)
    parameters = [list(map(digest, tickets)), timezone.now()]
    return Read(sql, parameters, open_sessions.sessions_in, binary=False)


def delete_expired() -> None:
    """Delete tickets that nobody can use any more."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_EXPIRED)
