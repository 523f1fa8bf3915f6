"""`operation` describes an API method: what it takes, returns and refuses, and how often it may be
called. `openapi_schema` writes the OpenAPI document from these descriptions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.core.errors import (
    Forbidden,
    InProgress,
    Invalid,
    InvalidToken,
    KeyReused,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Refused,
    SignedOut,
    TooLong,
    Unavailable,
    UnsupportedType,
)
from apps.core.limits import READS, Limit

JSON = "application/json"
# The media type of the parts of an upload (tus 1.0).
UPLOADED = "application/offset+octet-stream"
REFERENCE = "#/components/schemas/{name}"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Operation:
    """The description of one API method, in its attribute `described`.

    `id` is the operationId: stable, since generated clients name their functions after it.
    """

    id: str
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    returns: type[msgspec.Struct] | None
    status: tuple[int, ...]
    errors: tuple[type[Refused], ...]
    limits: tuple[Limit, ...]
    signed_in: bool
    reads: bool
    # The response has an ETag, for If-None-Match (a read) or If-Match (a change).
    etag: bool
    # Takes an Idempotency-Key.
    keyed: bool
    # The media type of a body that is not JSON.
    takes: str | None = None

    def refusals(self, *, on_object: bool) -> dict[int, list[str]]:
        """The error codes by HTTP status. `on_object`: the path names an object."""
        codes: dict[int, list[str]] = {}
        for error in (*self._common(on_object), *self.errors):
            known = codes.setdefault(error.status, [])
            if error.code not in known:
                known.append(error.code)
        return dict(sorted(codes.items()))

    def _common(self, on_object: bool) -> Iterable[type[Refused]]:
        yield Unavailable
        if self.body or self.query:
            yield Invalid
        if self.body:
            yield from (TooLong, UnsupportedType)
        if self.signed_in:
            yield from (SignedOut, InvalidToken)
        if self.signed_in and not self.reads:
            yield Forbidden  # without a CSRF token
        if on_object:
            yield NotFound
        if self.limits:
            yield RateLimited
        if self.etag and not self.reads:
            yield PreconditionFailed
        if self.keyed:
            yield from (Invalid, InProgress, KeyReused)


def operation(
    id_: str,
    summary: str,
    *,
    returns: type[msgspec.Struct] | None,
    body: type[msgspec.Struct] | None = None,
    query: type[msgspec.Struct] | None = None,
    status: tuple[int, ...] = (200,),
    errors: tuple[type[Refused], ...] = (),
    calls: Callable[..., Any] | None = None,
    limits: tuple[Limit, ...] = (),
    auth: list[str] | None = None,
    etag: bool = False,
    takes: str | None = None,
    **more: Any,
) -> Callable[[F], F]:
    """Describe one method of a view. Its docstring is the operation's description.

    `id_` is the operationId; `apps/wire/api_examples.json` has the example of each. `status` are
    the codes that return `returns`. `errors` are the refusals beyond those that the other arguments
    imply. The limits are those of the action that it `calls`, and `limits`. `etag`: the response
    has one. `takes`: the media type of a body of bytes. `more` is passed to drf-spectacular.
    """

    def describe(method: F) -> F:
        reads = method.__name__ == "get"
        keyed = getattr(method, "keyed", False)
        counted = (*((READS,) if reads or keyed else ()), *getattr(calls, "limits", ()), *limits)
        described = Operation(
            id=id_,
            body=body,
            query=query,
            returns=returns,
            status=status,
            errors=errors,
            limits=tuple(dict.fromkeys(counted)),
            signed_in=auth != [],
            reads=reads,
            etag=etag,
            keyed=keyed,
            takes=takes,
        )
        documented: F = extend_schema(
            operation_id=id_,
            summary=summary,
            request={takes: OpenApiTypes.BINARY} if takes else body and {JSON: body},
            parameters=[*([] if query is None else _parameters(query)), *_headers(described)],
            responses=dict.fromkeys(status, returns),
            auth=auth,
            **more,
        )(method)
        documented.described = described  # type: ignore[attr-defined]
        return documented

    return describe


def _headers(described: Operation) -> Iterable[OpenApiParameter]:
    for name, wanted, told in (
        ("If-None-Match", described.etag and described.reads, "An ETag: 304 if it is current."),
        ("If-Match", described.etag and not described.reads, "An ETag: 412 if it is not current."),
        ("Idempotency-Key", described.keyed, "Repeats within 24 h get the first response."),
        ("Upload-Offset", described.takes == UPLOADED, "Where these bytes begin (tus 1.0)."),
    ):
        if wanted:
            yield OpenApiParameter(name, str, OpenApiParameter.HEADER, description=told)


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
