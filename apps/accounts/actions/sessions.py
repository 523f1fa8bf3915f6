"""Ends web sessions and the live connections that belong to them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.access_handlers import SESSIONS, Ended, Scope, moves
from apps.accounts.actions import streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Ending, Session
from apps.accounts.queries.sessions import session_hash
from apps.wire.publish import EndSessions, Publication, publish

# Locked in the order of their keys, so that two calls for the same sessions do not deadlock.
DELETE = """
WITH ended AS (
    SELECT session_key FROM accounts_session
    WHERE user_id = %s AND (%s::text[] IS NULL OR session_key = ANY(%s))
    ORDER BY session_key FOR UPDATE
)
DELETE FROM accounts_session AS session USING ended
WHERE session.session_key = ended.session_key
RETURNING session.session_key
"""
DELETE_EXPIRED = """
DELETE FROM accounts_session WHERE session_key IN (
    SELECT session_key FROM accounts_session WHERE expire_date < now()
    ORDER BY session_key LIMIT %s FOR UPDATE SKIP LOCKED
)
"""
DELETE_BATCH_SIZE = 1_000


def delete_expired() -> None:
    """Delete expired sessions, in batches. Skips what somebody is ending at the moment."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(DELETE_EXPIRED, [DELETE_BATCH_SIZE])
            if cursor.rowcount < DELETE_BATCH_SIZE:
                return


def end(session_key: str, *, way: Way = Way.SIGN_OUT, by: UUID | None = None) -> Ending | None:
    """End one session, if it exists, and close its connections. `by`: who ends it, if not its own
    person."""
    found = Session.objects.filter(session_key=session_key)
    user_id = found.values_list("user_id", flat=True).first()
    if user_id:
        scope = Scope(user_id, only={SESSIONS: [session_key]})
        return end_access(scope, way=way, by=by or user_id)
    found.delete()  # nobody has signed in
    return None


@transaction.atomic
def replace(session_key: str, *, new_key: str) -> None:
    """Delete a session that goes on under a new key, and close the connections of the old one. What
    belongs to it, such as its push subscription, goes on with the new one.

    This is no ending: a session at the provider goes on, too.
    """
    found = Session.objects.filter(session_key=session_key)
    user_id = found.values_list("user_id", flat=True).first()
    if user_id:
        streams.lock([user_id])
        publish([_ended(user_id, session_hash(session_key))])
        for move in moves():
            move(session_key, new_key)
    found.delete()


def end_others(user_id: UUID, *, keep: str, way: Way) -> int:
    """End every session of the person but the one with the key `keep`. Returns how many."""
    # No session begins between this query and the end: an app's session locks the stream first.
    others = Session.objects.filter(user_id=user_id).exclude(session_key=keep)
    keys = list(others.values_list("session_key", flat=True))
    end_access(Scope(user_id, only={SESSIONS: keys}), way=way, by=user_id)
    return len(keys)


def sign_out_everywhere(
    user_id: UUID, *, way: Way = Way.ADMINISTRATOR, by: UUID | None = None
) -> Ending | None:
    """End every session of the person and close all their connections."""
    return end_access(Scope(user_id), way=way, by=by)


@transaction.atomic
def end_of_scope(scope: Scope) -> Ended:
    """The handler of `accounts.access_handlers`: delete the sessions and publish their end."""
    # Registering a device locks the stream, too. So neither holds a lock that the other waits for.
    streams.lock([scope.user_id])
    keys = scope.named(SESSIONS)
    with connection.cursor() as cursor:
        cursor.execute(DELETE, [scope.user_id, keys, keys])
        names = [session_hash(key) for (key,) in cursor.fetchall()]
    everything = keys is None
    publish(_ended(scope.user_id, name) for name in ([None] if everything else names))
    return Ended({SESSIONS: len(names)}, names)


def left(user_id: UUID) -> Mapping[str, int]:
    """How many sessions the person has."""
    return {SESSIONS: Session.objects.filter(user_id=user_id).count()}


def of_origins(origins: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The keys of the sessions that came from these origins (`Session.origin`), by person."""
    found: dict[UUID, list[str]] = {}
    rows = Session.objects.filter(origin__in=list(origins)).values_list("user_id", "session_key")
    for user_id, key in rows:
        if user_id:
            found.setdefault(user_id, []).append(key)
    return found


def _ended(user_id: UUID, name: str | None) -> Publication:
    return Publication(stream="person", to=user_id, event=None, effect=EndSessions(session=name))
