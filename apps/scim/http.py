"""SCIM over HTTP: authentication, errors and bodies (RFC 7644)."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from pydantic import ValidationError
from scim2_models import Error, InvalidSyntaxException, SCIMException

from apps.core.client_address import client_address
from apps.core.database import refusal_of
from apps.core.errors import RateLimited, Refused
from apps.core.limits import SCIM, SCIM_FAILURES, check
from apps.scim.schemas import POLICY

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/scim+json"
View = Callable[..., HttpResponse]


def endpoint(**methods: View) -> View:
    """A view that calls one of `methods` for an authenticated request, and responds to errors as
    RFC 7644, 3.12 says."""

    @never_cache
    def view(request: HttpRequest, **given: Any) -> HttpResponse:
        try:
            if not _authenticate(request):
                return _unauthorized()
            method = methods.get((request.method or "").lower())
            if method is None:
                return _not_allowed(methods)
            with POLICY:
                return method(request, **given)
        except (SCIMException, ValidationError, Refused, DatabaseError, RequestDataTooBig) as error:
            return _failed(error)

    return view


def body_of(request: HttpRequest) -> Any:
    """The JSON of a request. Raises InvalidSyntaxException."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="The body is not JSON.") from error
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body is not an object.")
    return body


def respond(body: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A response with a SCIM body."""
    response = HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE)
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def refuse(
    status: int, detail: str, *, scim_type: str | None = None, **headers: str
) -> HttpResponse:
    """A SCIM error."""
    error = Error(status=status, scim_type=scim_type, detail=detail)
    return respond(error.model_dump(), status, **headers)


def _authenticate(request: HttpRequest) -> bool:
    """Whether the request has the token. Raises RateLimited; wrong tokens have a limit of their
    own, so that guesses neither are many nor keep the directory out."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    address = client_address(request)
    right = constant_time_compare(token.strip().encode(), settings.SCIM_TOKEN.encode())
    if scheme.lower() == "bearer" and right:
        check(SCIM, address)
        return True
    check(SCIM_FAILURES, address)
    logger.warning("A SCIM request from %s has no valid token", address)
    return False


def _unauthorized() -> HttpResponse:
    return refuse(401, "A valid bearer token is required.", WWW_Authenticate="Bearer")


def _not_allowed(methods: dict[str, View]) -> HttpResponse:
    return refuse(405, "This method is not supported here.", Allow=", ".join(methods).upper())


def _failed(error: Exception) -> HttpResponse:
    match error:
        case SCIMException():
            found = error.to_error()
        case ValidationError():
            [found, *_] = Error.from_validation_errors(error)
        case RateLimited():
            wait = str(max(1, round(error.retry_after or 1)))
            return refuse(429, "Too many requests.", Retry_After=wait)
        case RequestDataTooBig():
            return refuse(413, "The body is too large.")
        case DatabaseError():
            refusal = refusal_of(error)
            return refuse(refusal.status, refusal.detail)
        case Refused():
            return refuse(error.status, error.detail)
        case _:
            raise error
    return respond(found.model_dump(), found.status or 400)


def nothing_here(request: HttpRequest, **_: Any) -> HttpResponse:
    """The response at an address that does not exist."""
    return refuse(404, "There is nothing at this address.")
