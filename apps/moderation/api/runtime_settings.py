"""Settings that change while the server runs, and rate limits: `/moderation/settings`."""

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import Forbidden, FreshSignInRequired, Invalid
from apps.core.limits import MODERATION
from apps.moderation.actions import runtime_settings
from apps.moderation.api.moderators import by_api
from apps.moderation.queries.moderators import check_administrator
from apps.moderation.queries.runtime_settings import everything
from apps.wire import bodies
from apps.wire.http import Input, decode, decode_query
from apps.wire.openapi import operation

Name = Annotated[str, Meta(max_length=60)]
Value = Annotated[str, Meta(max_length=runtime_settings.MAX_TEXT)]


class ChangedSettings(Input, frozen=True):
    """The new values by name, as the environment would have them; null: the default again."""

    values: Annotated[dict[Name, Value | None], Meta(min_length=1, max_length=100)]


class SettingsQuery(Input, frozen=True):
    """Only these, separated by commas."""

    names: Annotated[str, Meta(max_length=6_000)] = ""


class Settings(Struct, frozen=True):
    """Settings that change while the server runs, then rate limits."""

    items: list[bodies.RuntimeSetting]


class SettingsView(APIView):
    """`/moderation/settings`"""

    @operation(
        "listSettings",
        "Settings that change while the server runs, and rate limits",
        query=SettingsQuery,
        returns=Settings,
        errors=(Forbidden, FreshSignInRequired),
        limits=(MODERATION,),
    )
    def get(self, request: Request) -> Response:
        """For administrators. All of them, or those with `names`. The names of rate limits begin
        with `limit.`."""
        check_administrator(by_api(request).id)
        names = decode_query(request, SettingsQuery).names
        return Response(_settings(names.split(",") if names else None))

    @operation(
        "changeSettings",
        "Change settings while the server runs",
        body=ChangedSettings,
        returns=Settings,
        errors=(Forbidden, FreshSignInRequired, Invalid),
        limits=(MODERATION,),
    )
    def patch(self, request: Request) -> Response:
        """For administrators. All of the values, or none if one is not allowed. Other processes of
        the server follow in a second or two. The audit log has each change."""
        by, values = by_api(request), decode(request, ChangedSettings).values
        runtime_settings.change(by, values)
        return Response(_settings(values))


def _settings(names: Collection[str] | None) -> Settings:
    found = (each for each in everything() if names is None or each.name in names)
    rows = (each._asdict() | {"choices": list(each.choices)} for each in found)
    return Settings([bodies.RuntimeSetting(**row) for row in rows])
