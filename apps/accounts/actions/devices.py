"""Renames and ends a person's devices: the browsers and apps that are signed in."""

from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions import sessions, streams
from apps.accounts.models import Session
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid, NotFound
from apps.core.limits import DEVICES, limited

MAX_NAME_LENGTH = 80
END_ONE = """
DELETE FROM accounts_session WHERE user_id = %s AND device_id = %s RETURNING session_key
"""


@limited(DEVICES)
def rename(user_id: UUID, device_id: UUID, name: str) -> None:
    """Name a device; an empty name gives it back the default. Raises NotFound and Invalid."""
    name = checked_name(name, pointer="#/name")
    if not Session.objects.filter(user_id=user_id, device_id=device_id).update(name=name):
        raise NotFound


def checked_name(name: str, *, pointer: str) -> str:
    """The name as it is stored. Raises Invalid."""
    try:
        name = clean_line(name)
    except ValueError as error:
        raise Invalid(str(error), pointer=pointer, reason=str(error)) from error
    if len(name) > MAX_NAME_LENGTH:
        raise Invalid(f"Use at most {MAX_NAME_LENGTH} characters.", pointer=pointer)
    return name


@limited(DEVICES)
@transaction.atomic
def end(user_id: UUID, device_id: UUID) -> None:
    """Sign a device out: its session or tokens, its live connections and its pushes end.

    Raises NotFound, also for a device of somebody else.
    """
    # Before the session: see docs/locks.md.
    streams.lock([user_id])
    with connection.cursor() as cursor:
        cursor.execute(END_ONE, [user_id, device_id])
        ended = [key for (key,) in cursor.fetchall()]
    if not ended:
        raise NotFound
    sessions.publish_ended(user_id, ended)


@limited(DEVICES)
def end_others(user_id: UUID, *, keep: str) -> int:
    """Sign out every device but the one whose session has the key `keep`. Returns how many."""
    return sessions.end_others(user_id, keep=keep)


@limited(DEVICES)
def end_all(user_id: UUID) -> None:
    """Sign out every device, also the one that asks."""
    sessions.sign_out_everywhere(user_id)
