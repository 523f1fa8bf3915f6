"""Ends web sessions and the live connections that belong to them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions import streams
from apps.accounts.queries.sessions import session_hash
from apps.wire.publish import EndSessions, Publication, publish

DELETE_ONE = "DELETE FROM accounts_session WHERE session_key = %s RETURNING user_id"
# Locked in the order of their keys, so that two calls for the same sessions do not deadlock.
DELETE_OF_ORIGINS = """
WITH ended AS (
    SELECT session_key FROM accounts_session WHERE origin = ANY(%s)
    ORDER BY session_key FOR UPDATE
)
DELETE FROM accounts_session AS session USING ended
WHERE session.session_key = ended.session_key
RETURNING session.user_id, session.session_key
"""
DELETE_ALL = "DELETE FROM accounts_session WHERE user_id = %s"
DELETE_OTHERS = """
DELETE FROM accounts_session WHERE user_id = %s AND session_key <> %s RETURNING session_key
"""


@transaction.atomic
def end(session_key: str) -> None:
    """End one session, if it exists, and close its connections."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_ONE, [session_key])
        owner = cursor.fetchone()
    if owner and owner[0]:
        publish_ended(owner[0], [session_key])


@transaction.atomic
def end_of_origins(origins: Iterable[UUID]) -> int:
    """End the sessions that came from these origins (`Session.origin`) and close their
    connections. Returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_OF_ORIGINS, [list(origins)])
        ended = [(owner, key) for owner, key in cursor.fetchall() if owner]
    for owner, key in ended:
        publish_ended(owner, [key])
    return len(ended)


@transaction.atomic
def sign_out_everywhere(user_id: UUID) -> None:
    """End every session of the person and close all their connections."""
    # Registering a device locks the stream, too. So neither holds a lock that the other waits for.
    streams.lock([user_id])
    with connection.cursor() as cursor:
        cursor.execute(DELETE_ALL, [user_id])
    publish([_sessions_ended(user_id, None)])


@transaction.atomic
def end_others(user_id: UUID, *, keep: str) -> int:
    """End every session of the person but the one with the key `keep`, and close their
    connections. Returns how many there were."""
    streams.lock([user_id])  # as above
    with connection.cursor() as cursor:
        cursor.execute(DELETE_OTHERS, [user_id, keep])
        ended = [key for (key,) in cursor.fetchall()]
    publish_ended(user_id, ended)
    return len(ended)


def publish_ended(user_id: UUID, keys: Iterable[str]) -> None:
    """Close the connections of sessions that the current transaction deletes."""
    publish([_sessions_ended(user_id, session_hash(key)) for key in keys])


def _sessions_ended(user_id: UUID, session: str | None) -> Publication:
    return Publication(stream="person", to=user_id, event=None, effect=EndSessions(session=session))
