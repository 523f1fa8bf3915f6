"""ETags of small bodies (RFC 9110, 8.8.3 and 13.1).

A client need not receive again what it has (`If-None-Match`), nor overwrite what it has not seen
(`If-Match`).
"""

import hashlib
from typing import Any

import msgspec
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import PreconditionFailed


def etag_of(body: msgspec.Struct) -> str:
    """The strong ETag of a body: a hash of what is sent."""
    return f'"{hashlib.blake2b(msgspec.json.encode(body), digest_size=16).hexdigest()}"'


def tagged(request: Request, body: msgspec.Struct) -> Response:
    """The body with its ETag, or 304 if the client names this ETag in `If-None-Match`."""
    tag = etag_of(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = [each.removeprefix("W/") for each in _tags(request, "If-None-Match")]
    if request.method == "GET" and (tag in known or "*" in known):
        return Response(status=304, headers=headers)
    return Response(body, headers=headers)


def has_condition(request: Request) -> bool:
    """Whether the request has an `If-Match`."""
    return "If-Match" in request.headers


def check_condition(request: Request, body: msgspec.Struct) -> None:
    """Raise PreconditionFailed if the request has an `If-Match` without the ETag of `body`.

    The action must check again, under its lock, that the object is still that one.
    """
    if has_condition(request):
        tags = _tags(request, "If-Match")
        if etag_of(body) not in tags and "*" not in tags:
            raise PreconditionFailed


def _tags(request: Request, header: str) -> list[Any]:
    return parse_etags(request.headers.get(header, ""))
