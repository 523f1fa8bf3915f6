"""The asker's own profile over the API."""

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import deletions, emails
from apps.accounts.fresh_sign_in import require_fresh
from apps.accounts.queries import profiles
from apps.contacts.actions import profile
from apps.core.authentication import person_id
from apps.core.errors import (
    Conflict,
    FreshSignInRequired,
    Invalid,
    NotFound,
    PreconditionFailed,
    RateLimited,
)
from apps.core.limits import EMAIL_CHANGES
from apps.wire import bodies
from apps.wire.etags import check_condition, has_condition, tagged
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

Moment = Annotated[datetime, Meta(tz=True)]


class MeUpdate(Input, frozen=True):
    """The fields to change, and the `version` that the change started from (not needed with
    `If-Match`). Fields that are left out stay as they are."""

    version: int | UnsetType = UNSET
    username: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    share_seen: bool | UnsetType = UNSET
    auto_load: bodies.AutoLoad | UnsetType = UNSET
    low_first: bool | UnsetType = UNSET
    # A picture that the person uploaded; null removes theirs.
    picture: UUID | UnsetType | None = UNSET


class StatusUpdate(Input, frozen=True):
    """The new status; empty `text` and `emoji` remove it."""

    text: str = ""
    emoji: str = ""
    until: Moment | None = None


class DoNotDisturbUpdate(Input, frozen=True):
    """The new do-not-disturb times; what is left out is removed."""

    start: bodies.ClockTime | None = None
    end: bodies.ClockTime | None = None
    until: Moment | None = None


class TimeZoneUpdate(Input, frozen=True):
    """The time zone of the device, such as Europe/Berlin."""

    device: Annotated[str, Meta(max_length=64)]


class EmailUpdate(Input, frozen=True):
    """The new address; an empty one removes the e-mail at once."""

    email: Annotated[str, Meta(max_length=254)]


class MeView(APIView):
    """`/me`"""

    @operation("getMe", "My profile", returns=bodies.Me, etag=True)
    def get(self, request: Request) -> Response:
        """The public and the private part."""
        return tagged(request, profiles.me(person_id(request)))

    @operation(
        "updateMe",
        "Change my profile",
        body=MeUpdate,
        returns=bodies.Me,
        errors=(Conflict,),
        etag=True,
        calls=profile.update,
    )
    def patch(self, request: Request) -> Response:
        """409 when the profile was changed since `version`; nothing is overwritten then."""
        fields: dict[str, Any] = msgspec.to_builtins(
            decode(request, MeUpdate), builtin_types=(UUID,)
        )
        if not has_condition(request):
            if "version" not in fields:
                raise Invalid("Say from which version.", pointer="#/version")
            return tagged(request, profile.update(person_id(request), **fields))
        me = profiles.me(person_id(request))
        check_condition(request, me)
        try:
            return tagged(request, profile.update(me.id, **{"version": me.version} | fields))
        except Conflict:
            raise PreconditionFailed from None

    @operation(
        "deleteMe",
        "Delete my account",
        returns=bodies.Deletion,
        status=(202,),
        errors=(FreshSignInRequired, NotFound),
        calls=deletions.ask,
    )
    def delete(self, request: Request) -> Response:
        """Signs the person out everywhere. The account is deleted at `due_at`; a sign-in before
        takes it back. 403 `fresh_sign_in_required`: sign in again, then ask within five minutes."""
        require_fresh(request)
        row = deletions.ask(person_id(request))
        return Response(bodies.Deletion(due_at=row.due_at), status=202)


class StatusView(APIView):
    """`/me/status`"""

    @operation(
        "setStatus", "Set my status", body=StatusUpdate, returns=bodies.Me, calls=profile.update
    )
    def put(self, request: Request) -> Response:
        """Replaces the status; it ends by itself at `until`."""
        form = decode(request, StatusUpdate)
        return Response(_set(request, "status", text=form.text, emoji=form.emoji, until=form.until))


class DoNotDisturbView(APIView):
    """`/me/do-not-disturb`"""

    @operation(
        "setDoNotDisturb",
        "Set my do-not-disturb times",
        body=DoNotDisturbUpdate,
        returns=bodies.Me,
        calls=profile.update,
    )
    def put(self, request: Request) -> Response:
        """Replaces the daily hours and the end time."""
        form = decode(request, DoNotDisturbUpdate)
        return Response(
            _set(request, "dnd", start=_time(form.start), end=_time(form.end), until=form.until)
        )


class TimeZoneView(APIView):
    """`/me/time-zone`"""

    @operation(
        "setDeviceTimeZone",
        "Tell the time zone of my device",
        body=TimeZoneUpdate,
        returns=bodies.Me,
        calls=profile.update,
    )
    def put(self, request: Request) -> Response:
        """Mine is that of the device used last, for quiet hours and the days of a search. Nothing
        changes when I have chosen one (PATCH `/me`; an empty `time_zone` undoes the choice)."""
        form = decode(request, TimeZoneUpdate)
        try:
            me = profile.update(person_id(request), version=None, device_time_zone=form.device)
        except Invalid as error:
            error.pointer = "#/device"
            raise
        return Response(me)


class EmailView(APIView):
    """`/me/email`"""

    @operation(
        "changeEmail",
        "Change my e-mail address",
        body=EmailUpdate,
        returns=None,
        status=(204,),
        errors=(FreshSignInRequired, RateLimited),
        limits=(EMAIL_CHANGES,),
    )
    def put(self, request: Request) -> Response:
        """Sends a link to the new address. The old one stays until the link is followed. 403
        `fresh_sign_in_required`: who reads the mail can set a new password, so prove first that it
        is you (`/session/proof`)."""
        form = decode(request, EmailUpdate)
        require_fresh(request)
        user = profiles.get_active_user(person_id(request))
        emails.change(request._request, user, form.email)
        return Response(status=204)


def _set(request: Request, part: str, **values: object) -> bodies.Me:
    fields = {f"{part}_{name}": value for name, value in values.items()}
    try:
        return profile.update(person_id(request), version=None, **fields)
    except Invalid as error:
        # Point to the field as it was sent, not as the profile names it.
        error.pointer = (error.pointer or "#").replace(f"#/{part}_", "#/")
        raise


def _time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
