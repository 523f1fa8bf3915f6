"""The OpenAPI document, written by drf-spectacular from the `Operation` of each API method."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentIdentity, ResolvedComponent

from apps.core import problems
from apps.core.limits import Limit, current
from apps.wire.openapi import JSON, REFERENCE, Operation

Schema = dict[str, Any]
EXAMPLES = Path(__file__).with_name("api_examples.json")
REASONS = {
    400: "The input cannot be used.",
    401: "Not signed in.",
    403: "Not allowed, or the CSRF token is missing.",
    404: "Absent, or not yours to see.",
    409: "It does not fit the current state, or was changed in the meantime.",
    410: "The cursor is too old: start again from the current state.",
    412: "The object is not the one that `If-Match` names.",
    413: "The file is too large.",
    415: "The body is not of the right type.",
    422: "The `Idempotency-Key` was used with another request.",
    429: "Too many requests.",
    503: "The database or the storage is unavailable; nothing was changed.",
}
SECONDS = {"schema": {"type": "integer", "minimum": 1}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds until the next attempt."} | SECONDS}
TEXT = {"schema": {"type": "string"}}
RATE_LIMIT = {
    "RateLimit-Policy": {
        "description": 'The limits: `"name";q=uses;w=seconds` for each (draft-ietf-httpapi-'
        "ratelimit-headers)."
    }
    | TEXT,
    "RateLimit": {
        "description": 'What is left of them: `"name";r=uses;t=seconds` until there are more.'
    }
    | TEXT,
}


class WireSchema(AutoSchema):
    """Adds to each operation its errors, rate limits, headers and example."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Schema | None:
        """One operation of the document."""
        operation: Schema | None = super().get_operation(*args, **kwargs)
        described = getattr(getattr(self.view, self.method.lower()), "described", None)
        if operation is None or described is None:
            return operation
        self._add_problems(operation, described)
        if described.etag:
            _add_etag(operation, described)
        _add_limits(operation, described.limits)
        if example := examples().get(described.id):
            _add_example(operation, example)
        return operation

    def _add_problems(self, operation: Schema, described: Operation) -> None:
        self._resolve(problems.Problem)
        for status, codes in described.refusals(on_object="{" in self.path).items():
            code = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
            problem = {"allOf": [{"$ref": REFERENCE.format(name="Problem")}, code]}
            names = ", ".join(f"`{code}`" for code in codes)
            operation["responses"][str(status)] = {
                "description": f"{REASONS[status]} {names}",
                "content": {problems.MEDIA_TYPE: {"schema": problem}},
            } | ({"headers": dict(RETRY_AFTER)} if status in (429, 503) else {})

    def _resolve(self, struct: type[msgspec.Struct]) -> None:
        """Make a struct, and those that it refers to, components of the document."""
        _, components = msgspec.json.schema_components([struct], ref_template=REFERENCE)
        for name, schema in components.items():
            self.registry.register_on_missing(_component(name, schema))


def _add_etag(operation: Schema, described: Operation) -> None:
    header = {"ETag": {"description": "For `If-None-Match` and `If-Match`."} | TEXT}
    for status in described.status if described.returns else ():
        operation["responses"][str(status)].setdefault("headers", {}).update(header)
    if described.reads:
        operation["responses"]["304"] = {"description": "Unchanged.", "headers": dict(header)}


def _add_limits(operation: Schema, limits: tuple[Limit, ...]) -> None:
    if not limits:
        return
    limits = tuple(map(current, limits))
    operation["x-rate-limits"] = [
        {"name": each.name, "uses": each.amount, "seconds": each.seconds} for each in limits
    ]
    told = "; ".join(f"`{each.name}`: {each.amount} in {each.seconds:g} s" for each in limits)
    operation["responses"]["429"]["description"] += f". At most {told}"
    for status, response in operation["responses"].items():
        if int(status) < 400 or status == "429":
            response.setdefault("headers", {}).update(RATE_LIMIT)


def _add_example(operation: Schema, example: Schema) -> None:
    given = {**example.get("path", {}), **example.get("query", {}), **example.get("headers", {})}
    for parameter in operation.get("parameters", []):
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]
    if "body" in example:
        operation["requestBody"]["content"][JSON]["example"] = example["body"]
    if "content" in example:
        [media] = operation["requestBody"]["content"].values()
        media["example"] = example["content"]
    if "response" in example:
        response = operation["responses"][str(example["status"])]
        response["content"][JSON]["example"] = example["response"]


@cache
def examples() -> dict[str, Schema]:
    """The example of each operation: its request, and the status and body of the response."""
    found: dict[str, Schema] = json.loads(EXAMPLES.read_text())
    return found


def _component(name: str, schema: Schema) -> ResolvedComponent:
    return ResolvedComponent(
        name=name,
        type=ResolvedComponent.SCHEMA,
        schema=schema,
        object=ComponentIdentity(name),
    )


class StructSchema(OpenApiSerializerExtension):
    """Lets drf-spectacular accept msgspec structs where it expects serializers."""

    target_class = msgspec.Struct
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        """The struct's name."""
        return str(self.target.__name__)

    def get_identity(self, auto_schema: AutoSchema, direction: str) -> ComponentIdentity:
        """The struct's name is unique (a test checks it)."""
        return ComponentIdentity(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> Schema:
        """The struct's JSON Schema. Structs it refers to become components of their own."""
        [_], components = msgspec.json.schema_components([self.target], ref_template=REFERENCE)
        own: Schema = components.pop(self.target.__name__)
        for name, schema in components.items():
            auto_schema.registry.register_on_missing(_component(name, schema))
        return own


class BearerScheme(OpenApiAuthenticationExtension):
    """The access token of an app, from `POST /api/v1/tokens`."""

    target_class = "apps.accounts.bearer.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        """A bearer token (RFC 6750)."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie, from the sign-in page or `POST /api/v1/session`."""

    target_class = "apps.core.authentication.ApiSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        """An API key in a cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
