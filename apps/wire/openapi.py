"""`operation` documents an API method in OpenAPI, from the structs it takes and returns."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentIdentity, ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from apps.core import problems
from apps.wire.http import JSON

REFERENCE = "#/components/schemas/{name}"
F = TypeVar("F", bound=Callable[..., Any])
REASONS = {
    400: "The input cannot be used.",
    401: "Not signed in.",
    403: "Not allowed, or the CSRF token is missing.",
    404: "Absent, or not yours to see.",
    409: "It does not fit the current state, or was changed in the meantime.",
    410: "The cursor is too old: start again from the current state.",
    429: "Too many requests; `Retry-After` says when to try again.",
    503: "The database is unavailable; nothing was changed.",
}


def operation(
    summary: str,
    *,
    returns: type[msgspec.Struct] | None,
    body: type[msgspec.Struct] | None = None,
    query: type[msgspec.Struct] | None = None,
    status: tuple[int, ...] = (200,),
    problem: tuple[int, ...] = (),
    **more: Any,
) -> Callable[[F], F]:
    """Document one method of a view.

    `status` are the codes that return `returns`; `problem` the codes other than 400, 401, 429 and
    503 that return a problem document. `more` is passed to drf-spectacular.
    """
    responses: dict[Any, Any] = dict.fromkeys(status, returns)
    for code in sorted({400, 401, 429, 503, *problem}):
        responses[(code, problems.MEDIA_TYPE)] = OpenApiResponse(problems.Problem, REASONS[code])
    described: Callable[[F], F] = extend_schema(
        summary=summary,
        request=None if body is None else {JSON: body},
        parameters=[] if query is None else _parameters(query),
        responses=responses,
        **more,
    )
    return described


def _parameters(query: type[msgspec.Struct]) -> list[OpenApiParameter]:
    [_], components = msgspec.json.schema_components([query], ref_template=REFERENCE)
    schema = components[query.__name__]
    return [
        OpenApiParameter(
            name,
            type=part,
            location=OpenApiParameter.QUERY,
            required=name in schema["required"],
            description=part.pop("description", ""),
        )
        for name, part in schema["properties"].items()
    ]


class StructSchema(OpenApiSerializerExtension):
    """Lets drf-spectacular accept msgspec structs where it expects serializers."""

    target_class = msgspec.Struct
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        """The struct's name."""
        return str(self.target.__name__)

    def get_identity(self, auto_schema: AutoSchema, direction: str) -> ComponentIdentity:
        """The struct's name is unique: the wire declares each once."""
        return ComponentIdentity(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """The struct's JSON Schema. Structs it refers to become components of their own."""
        [_], components = msgspec.json.schema_components([self.target], ref_template=REFERENCE)
        own: dict[str, Any] = components.pop(self.target.__name__)
        for name, schema in components.items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(
                    name=name,
                    type=ResolvedComponent.SCHEMA,
                    schema=schema,
                    object=ComponentIdentity(name),
                )
            )
        return own


class BearerScheme(OpenApiAuthenticationExtension):
    """The access token of an app, from `POST /api/v1/tokens`."""

    target_class = "apps.accounts.bearer.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token (RFC 6750)."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie, from the sign-in page or `POST /api/v1/session`."""

    target_class = "apps.core.authentication.ApiSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """An API key in a cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
