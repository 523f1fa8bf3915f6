"""Validates and saves a person's own profile.

Callers use `contacts.actions.profile`, which also notifies everybody who has the person in their
list.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from apps.accounts.actions import streams
from apps.accounts.former_usernames import refuse_former
from apps.accounts.models import User
from apps.accounts.models.user import validate_username
from apps.accounts.queries import profiles
from apps.core.clean_text import clean_line
from apps.core.emoji import fully_qualified, is_single_emoji
from apps.core.errors import Conflict, Invalid
from apps.wire.publish import publish

T = TypeVar("T")
MAX_LENGTHS = {"name": 80, "about": 200, "status_text": 80, "status_emoji": 64}
MAX_AHEAD = timedelta(days=366)


def clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields of a profile, validated, as they will be stored.

    Takes any of username, name, about, locale, time_zone (empty: that of the device from now on),
    device_time_zone (kept unless one was chosen), status_text and status_emoji (texts),
    status_until and dnd_until (times in the future, or None), dnd_start and dnd_end (times of day,
    both or neither), share_seen, auto_load, low_first, and picture (a file, or None;
    `contacts.actions.profile` checks it). Raises Invalid with a pointer to the field.
    """
    cleaned = {}
    for field, value in fields.items():
        try:
            cleaned[field] = CHECKS[field](field, value)
        except (ValueError, ValidationError) as error:
            reason = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise Invalid(reason, pointer=f"#/{field}", reason=reason) from error
    if "time_zone" in cleaned:
        cleaned["time_zone_chosen"] = bool(cleaned["time_zone"])
        if not cleaned["time_zone"]:
            del cleaned["time_zone"]
    start, end = cleaned.get("dnd_start"), cleaned.get("dnd_end")
    if (start is None) != (end is None) or (start is not None and start == end):
        reason = gettext("Set a start and a different end for quiet hours, or leave both empty.")
        raise Invalid(reason, pointer="#/dnd_end", reason=reason)
    return cleaned


def save(
    user_id: UUID,
    *,
    version: int,
    rev: int,
    fields: Mapping[str, Any],
    versioned: bool = True,
    closed: bool = False,
) -> User:
    """Save cleaned fields under revision `rev` of the person's stream and tell their devices.
    `closed`: also of a closed account. Without `versioned` the version stays: nobody who is editing
    the profile has chosen this change.

    Call it inside a transaction. Raises Conflict when the profile is no longer at `version`,
    Invalid when the username is taken.
    """
    try:
        with transaction.atomic():
            users = User.objects.filter(id=user_id, version=version)
            written = (users if closed else users.filter(is_active=True)).update(
                **fields, version=F("version") + int(versioned), stream_rev=rev
            )
            if "username" in fields:
                refuse_former(fields["username"])
    except IntegrityError as error:
        reason = gettext("This username is taken.")
        raise Invalid(reason, pointer="#/username", reason=reason) from error
    if not written:
        raise Conflict
    user = User.objects.get(id=user_id)
    publish([profiles.changed(user)])
    return user


@transaction.atomic
def touch(user_id: UUID) -> None:
    """Tell the person's devices of a private change that was not saved through `save`."""
    rev = streams.advance([user_id])[user_id]
    version = User.objects.values_list("version", flat=True).get(id=user_id)
    save(user_id, version=version, rev=rev, fields={})


def moderated(user_id: UUID, **fields: Any) -> None:
    """Write what moderators change about an account, also a closed one, and tell the person's
    devices. Call it inside a transaction."""
    rev = streams.advance([user_id])[user_id]
    User.objects.filter(id=user_id).update(**fields, version=F("version") + 1, stream_rev=rev)
    publish([profiles.changed(User.objects.get(id=user_id))])


def _text(field: str, text: str) -> str:
    text = clean_line(text)
    if len(text) > MAX_LENGTHS[field]:
        raise ValueError(gettext("Use at most {n} characters.").format(n=MAX_LENGTHS[field]))
    return text


def _username(field: str, text: str) -> str:
    text = text.strip().lower()
    validate_username(text)
    return text


def _locale(field: str, text: str) -> str:
    if text not in dict(settings.LANGUAGES):
        raise ValueError(gettext("This language is not available."))
    return text


def _auto_load(field: str, text: str) -> str:
    return User.AutoLoad(text).value


def _time_zone(field: str, text: str) -> str:
    if text not in available_timezones() and (text or field != "time_zone"):
        raise ValueError(gettext("Use the name of a time zone, such as Europe/Berlin."))
    return text


def _emoji(field: str, text: str) -> str:
    one_form = fully_qualified(text)
    if text and not (is_single_emoji(text) and len(one_form) <= MAX_LENGTHS[field]):
        raise ValueError(gettext("Use a single emoji."))
    return one_form


def _until(field: str, at: datetime | None) -> datetime | None:
    if at is not None and not timedelta(0) < at - timezone.now() <= MAX_AHEAD:
        raise ValueError(gettext("Choose a time in the future, at most a year ahead."))
    return at


def _unchecked(field: str, value: T) -> T:
    return value


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "username": _username,
    "name": _text,
    "about": _text,
    "locale": _locale,
    "time_zone": _time_zone,
    "device_time_zone": _time_zone,
    "share_seen": _unchecked,
    "auto_load": _auto_load,
    "low_first": _unchecked,
    "picture": _unchecked,
    "status_text": _text,
    "status_emoji": _emoji,
    "status_until": _until,
    "dnd_start": _unchecked,
    "dnd_end": _unchecked,
    "dnd_until": _until,
}
