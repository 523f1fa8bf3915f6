"""The asker's own profile over the API."""

from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.queries import profiles
from apps.contacts.actions import profile
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class MeUpdate(Input, frozen=True):
    """What to change, and the `version` the change started from. What is left out stays."""

    version: int
    username: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    share_seen: bool | UnsetType = UNSET


class MeView(APIView):
    """`/me`"""

    @operation("My profile", returns=bodies.Me)
    def get(self, request: Request) -> Response:
        """The public part and the private one."""
        return Response(profiles.me(cast(UUID, request.user.pk)))

    @operation("Change my profile", body=MeUpdate, returns=bodies.Me, problem=(409,))
    def patch(self, request: Request) -> Response:
        """409 when somebody changed it since `version`; nothing is overwritten then."""
        fields: dict[str, Any] = msgspec.to_builtins(decode(request, MeUpdate))
        return Response(profile.update(cast(UUID, request.user.pk), **fields))
