"""Ends web sessions, and with them the live connections they opened."""

from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions import streams
from apps.accounts.queries.sessions import session_hash
from apps.wire.publish import EndSessions, Publication, publish

END = "DELETE FROM accounts_session WHERE session_key = %s RETURNING user_id"
END_ALL = "DELETE FROM accounts_session WHERE user_id = %s"


@transaction.atomic
def end(session_key: str) -> None:
    """End one session, if it exists; its connections close."""
    with connection.cursor() as cursor:
        cursor.execute(END, [session_key])
        owner = cursor.fetchone()
    if owner and owner[0]:
        publish([_ending(owner[0], session_hash(session_key))])


@transaction.atomic
def sign_out_everywhere(user_id: UUID) -> None:
    """End every session of the person; all their connections close."""
    # Registering a device locks the stream, too: neither can lock what the other still needs.
    streams.lock([user_id])
    with connection.cursor() as cursor:
        cursor.execute(END_ALL, [user_id])
    publish([_ending(user_id, None)])


def _ending(user_id: UUID, session: str | None) -> Publication:
    return Publication(stream="person", to=user_id, event=None, effect=EndSessions(session=session))
