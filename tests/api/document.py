"""The OpenAPI document, and its operations."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver
from drf_spectacular.generators import SchemaGenerator

from apps.wire.openapi import Operation
from chatproject.urls import api

PREFIX = "/api/v1/"


class Documented(NamedTuple):
    """One operation of the document."""

    id: str
    method: str
    path: str
    described: dict[str, Any]


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return SchemaGenerator().get_schema(request=None, public=True)


@cache
def operations() -> dict[str, Documented]:
    """All operations by id."""
    found = [
        Documented(described["operationId"], method, path, described)
        for path, item in document()["paths"].items()
        for method, described in item.items()
    ]
    return {each.id: each for each in found}


def described() -> Iterator[tuple[str, str, Operation | None]]:
    """(method, route, description) of each method of the API's views."""

    def walk(
        patterns: list[URLPattern | URLResolver], before: str
    ) -> Iterator[tuple[str, str, Operation | None]]:
        for each in patterns:
            route = before + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, route)
            elif (view := getattr(each.callback, "cls", None)) is not None:
                for verb in ("get", "post", "put", "patch", "delete"):
                    if method := getattr(view, verb, None):
                        yield verb, route, getattr(method, "described", None)

    return walk(api, "")
