"""Settings that change while the server runs, and rate limits: `/moderation/settings`."""

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.configuration.actions import changes
from apps.configuration.queries import versions
from apps.configuration.queries.adjustable import everything
from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotFound
from apps.core.limits import MODERATION
from apps.moderation.api.moderators import by_api
from apps.moderation.queries.moderators import check_administrator
from apps.wire import bodies
from apps.wire.http import Input, decode, decode_query
from apps.wire.openapi import operation

MAX_VERSIONS = 100
Name = Annotated[str, Meta(max_length=60)]
Value = Annotated[str, Meta(max_length=changes.MAX_TEXT)]
Reason = Annotated[str, Meta(max_length=changes.MAX_REASON)]


class ChangedSettings(Input, frozen=True):
    """The new values by name, as the environment would have them; null: the default again. And why,
    for the audit log."""

    values: Annotated[dict[Name, Value | None], Meta(min_length=1, max_length=100)]
    reason: Reason = ""


class RevertedSettings(Input, frozen=True):
    """Why, for the audit log."""

    reason: Reason = ""


class SettingsQuery(Input, frozen=True):
    """Only these, separated by commas."""

    names: Annotated[str, Meta(max_length=6_000)] = ""


class Settings(Struct, frozen=True):
    """Settings that change while the server runs, then rate limits."""

    items: list[bodies.RuntimeSetting]


class SettingsVersions(Struct, frozen=True):
    """The newest versions of what is set, the newest first."""

    items: list[bodies.SettingsVersion]


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
        by, asked = by_api(request), decode(request, ChangedSettings)
        changes.change(by, asked.values, reason=asked.reason)
        return Response(_settings(asked.values))


class VersionsView(APIView):
    """`/moderation/settings/versions`"""

    @operation(
        "listSettingsVersions",
        "What was changed in the settings",
        returns=SettingsVersions,
        errors=(Forbidden, FreshSignInRequired),
        limits=(MODERATION,),
    )
    def get(self, request: Request) -> Response:
        """For administrators. The newest 100 changes, with all that was set after each."""
        check_administrator(by_api(request).id)
        rows = versions.history()[:MAX_VERSIONS]
        return Response(SettingsVersions([versions.body(row) for row in rows]))


class RevertedView(APIView):
    """`/moderation/settings/versions/{number}/revert`"""

    @operation(
        "revertSettings",
        "Go back to an earlier version of the settings",
        body=RevertedSettings,
        returns=SettingsVersions,
        errors=(Forbidden, FreshSignInRequired, Invalid, NotFound),
        limits=(MODERATION,),
    )
    def post(self, request: Request, number: int) -> Response:
        """For administrators. Everything counts again as after this version; 0: as if nothing had
        ever been set. That is a new version; the response has the newest one."""
        by, reason = by_api(request), decode(request, RevertedSettings).reason
        changes.revert(by, number, reason=reason)
        return Response(SettingsVersions([versions.body(row) for row in versions.history()[:1]]))


def _settings(names: Collection[str] | None) -> Settings:
    found = (each for each in everything() if names is None or each.name in names)
    rows = (each._asdict() | {"choices": list(each.choices)} for each in found)
    return Settings([bodies.RuntimeSetting(**row) for row in rows])
