"""Renames and ends a person's devices: the browsers and apps that are signed in."""

from uuid import UUID

from django.utils.translation import gettext

from apps.accounts.actions import sessions
from apps.accounts.actions.access import Way
from apps.accounts.models import Ending, Session
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid, NotFound
from apps.core.limits import DEVICES, limited

MAX_NAME_LENGTH = 80


@limited(DEVICES)
def rename(user_id: UUID, device_id: UUID, name: str) -> None:
    """Rename a device; an empty name restores the default. Raises NotFound and Invalid."""
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
        words = gettext("Use at most {n} characters.").format(n=MAX_NAME_LENGTH)
        raise Invalid(words, pointer=pointer)
    return name


# Ending is not limited: a thief at one device must not keep the owner from ending it.
def end(user_id: UUID, device_id: UUID) -> None:
    """Sign a device out: its session or tokens, its live connections and its pushes end.

    Raises NotFound, also for a device of somebody else.
    """
    sessions.end(_key(user_id, device_id), way=Way.DEVICE)


def end_by_staff(user_id: UUID, device_id: UUID, *, by: UUID) -> Ending | None:
    """Sign a device out as an administrator. Raises NotFound."""
    return sessions.end(_key(user_id, device_id), way=Way.ADMINISTRATOR, by=by)


def _key(user_id: UUID, device_id: UUID) -> str:
    found = Session.objects.filter(user_id=user_id, device_id=device_id)
    key: str | None = found.values_list("session_key", flat=True).first()
    if key is None:
        raise NotFound
    return key


def end_others(user_id: UUID, *, keep: str) -> int:
    """Sign out every device but the one whose session has the key `keep`. Returns how many."""
    return sessions.end_others(user_id, keep=keep, way=Way.DEVICE)


def end_all(user_id: UUID) -> None:
    """Sign out every device, also the one that asks."""
    sessions.sign_out_everywhere(user_id, way=Way.DEVICE, by=user_id)
