"""Tickets: how an app that cannot set headers opens a live connection.

A browser's WebSocket and EventSource send no Authorization header, and an access token in an
address would end up in logs. A ticket in the address is worth nothing there: it works once, for
TTL_S seconds.
"""

from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from django.db import connection

from apps.accounts.models import User
from apps.accounts.queries.app_sessions import by_key
from apps.core.errors import NotFound
from apps.core.limits import TICKETS, limited

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
DELETE FROM accounts_ticket WHERE digest = %s
RETURNING user_id, session_key, expires_at > now()
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


def use(ticket: str) -> tuple[User, str] | None:
    """The person and the session of a ticket, which is used up. None for a ticket that is unknown,
    used or expired, or whose app was signed out."""
    with connection.cursor() as cursor:
        cursor.execute(USE, [digest(ticket)])
        row = cursor.fetchone()
    if row is None or not row[2]:
        return None
    return by_key(row[0], row[1])


def delete_expired() -> None:
    """Delete tickets that nobody can use any more."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_EXPIRED)


def digest(ticket: str) -> str:
    """How a ticket is stored."""
    return sha256(ticket.encode("utf-8", "replace")).hexdigest()
