"""Which sessions are still valid."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from django.db import connection

from apps.core.reads import Read, result_of

VALID = """
SELECT session.user_id, session.session_key
FROM unnest(%s::uuid[], %s::text[]) AS asked(person, key)
JOIN accounts_session AS session
  ON session.session_key = asked.key AND session.user_id = asked.person
JOIN accounts_user AS person ON person.id = asked.person
LEFT JOIN accounts_user AS owner ON owner.id = person.bot_owner_id
WHERE person.is_active AND owner.is_active IS NOT false AND session.expire_date > now()
"""
# In SQL, what `session_hash` returns.
SESSION_HASH = "left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 32)"
SIGNED_IN = f"""
SELECT EXISTS (
    SELECT FROM accounts_session AS session
    JOIN accounts_user AS person ON person.id = session.user_id
    LEFT JOIN accounts_user AS owner ON owner.id = person.bot_owner_id
    WHERE person.id = %s AND person.is_active AND owner.is_active IS NOT false
      AND session.expire_date > now() AND {SESSION_HASH} = %s
)
"""  # noqa: S608  constants only


def session_hash(session_key: str) -> str:
    """The name of a session between servers. Its key must not leave the server: it signs in."""
    return sha256(session_key.encode()).hexdigest()[:32]


def valid_sessions(pairs: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """The (person, session key) pairs that are signed in now, in one query."""
    return result_of(valid_reading(pairs))


def valid_reading(pairs: Iterable[tuple[UUID, str]]) -> Read[set[tuple[UUID, str]]]:
    """The read of `valid_sessions`."""
    asked = list(pairs)
    parameters = [[person for person, _ in asked], [key for _, key in asked]]
    return Read(VALID, parameters, lambda rows: {(person, key) for person, key in rows})


def is_signed_in(person: UUID, name: str) -> bool:
    """Whether the person's session of this name (`session_hash`) is valid now."""
    with connection.cursor() as cursor:
        cursor.execute(SIGNED_IN, [person, name])
        found: bool
        [found] = cursor.fetchone()
    return found
