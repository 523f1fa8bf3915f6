"""The asker's own profile over the API."""

from datetime import datetime, time
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.queries import profiles
from apps.contacts.actions import profile
from apps.core.authentication import person_id
from apps.core.errors import Invalid
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

Moment = Annotated[datetime, Meta(tz=True)]


class MeUpdate(Input, frozen=True):
    """What to change, and the `version` the change started from. What is left out stays."""

    version: int
    username: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    share_seen: bool | UnsetType = UNSET


class StatusUpdate(Input, frozen=True):
    """What the asker is doing; without words and emoji there is no status."""

    text: str = ""
    emoji: str = ""
    until: Moment | None = None


class QuietUpdate(Input, frozen=True):
    """When the asker wants quiet; what is left out ends."""

    start: bodies.ClockTime | None = None
    end: bodies.ClockTime | None = None
    until: Moment | None = None


class MeView(APIView):
    """`/me`"""

    @operation("My profile", returns=bodies.Me)
    def get(self, request: Request) -> Response:
        """The public part and the private one."""
        return Response(profiles.me(person_id(request)))

    @operation("Change my profile", body=MeUpdate, returns=bodies.Me, problem=(409,))
    def patch(self, request: Request) -> Response:
        """409 when somebody changed it since `version`; nothing is overwritten then."""
        fields: dict[str, Any] = msgspec.to_builtins(decode(request, MeUpdate))
        return Response(profile.update(person_id(request), **fields))


class StatusView(APIView):
    """`/me/status`"""

    @operation("Say what I am doing", body=StatusUpdate, returns=bodies.Me)
    def put(self, request: Request) -> Response:
        """Replaces the status; it ends by itself at `until`."""
        form = decode(request, StatusUpdate)
        return Response(_set(request, "status", text=form.text, emoji=form.emoji, until=form.until))


class QuietView(APIView):
    """`/me/do-not-disturb`"""

    @operation("Set when I want quiet", body=QuietUpdate, returns=bodies.Me)
    def put(self, request: Request) -> Response:
        """Replaces the hours and the time."""
        form = decode(request, QuietUpdate)
        return Response(
            _set(request, "dnd", start=_time(form.start), end=_time(form.end), until=form.until)
        )


def _set(request: Request, part: str, **given: object) -> bodies.Me:
    fields = {f"{part}_{name}": value for name, value in given.items()}
    try:
        return profile.update(person_id(request), version=None, **fields)
    except Invalid as refusal:
        # The field's place in what was sent, not in the profile.
        refusal.pointer = (refusal.pointer or "#").replace(f"#/{part}_", "#/")
        raise


def _time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
