"""Which sessions are still valid."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from django.db import connection

VALID = """
SELECT session.user_id, session.session_key
FROM unnest(%s::uuid[], %s::text[]) AS asked(person, key)
JOIN accounts_session AS session
  ON session.session_key = asked.key AND session.user_id = asked.person
JOIN accounts_user AS person ON person.id = asked.person
WHERE person.is_active AND session.expire_date > now()
"""


def session_hash(session_key: str) -> str:
    """The name of a session between servers. Its key must not leave the server: it signs in."""
    return sha256(session_key.encode()).hexdigest()[:32]


def valid_sessions(pairs: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """The (person, session key) pairs that are signed in now, in one query."""
    asked = list(pairs)
    with connection.cursor() as cursor:
        cursor.execute(VALID, [[person for person, _ in asked], [key for _, key in asked]])
        return {(person, key) for person, key in cursor.fetchall()}
