"""HTTP errors as problem details (RFC 9457), for every API view."""

import json
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from drf_standardized_errors.handler import exception_handler
from rest_framework import exceptions
from rest_framework.response import Response

from apps.core.errors import Refused, Unavailable

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "invalid",
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "invalid",
    415: "invalid",
    429: "rate_limited",
}


def body(*, status: int, code: str, detail: str, errors: list[dict[str, str]]) -> dict[str, Any]:
    """The members of one problem document."""
    document: dict[str, Any] = {
        "type": f"urn:parley:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return document | ({"errors": errors} if errors else {})


def of_refusal(refusal: Refused) -> dict[str, Any]:
    """The problem document of an action's refusal."""
    return body(
        status=refusal.status,
        code=refusal.code,
        detail=refusal.detail,
        errors=[],
    )


def response(refusal: Refused) -> HttpResponse:
    """A plain Django answer for an action's refusal, outside DRF."""
    answer = HttpResponse(
        json.dumps(of_refusal(refusal)), status=refusal.status, content_type=MEDIA_TYPE
    )
    if refusal.retry_after is not None:
        answer["Retry-After"] = str(max(1, round(refusal.retry_after)))
    return answer


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: actions' refusals and DRF's own errors, all as problems."""
    if isinstance(error, OperationalError | InterfaceError):
        error = Unavailable()
    if isinstance(error, Refused):
        answer = Response(of_refusal(error), status=error.status)
        if error.retry_after is not None:
            answer["Retry-After"] = str(max(1, round(error.retry_after)))
    else:
        standard = exception_handler(error, context)
        if standard is None:
            return None
        answer = _standard(standard, error)
    answer.content_type = MEDIA_TYPE
    return answer


def _standard(answer: Response, error: Exception) -> Response:
    given = answer.data["errors"] if isinstance(answer.data, dict) else []
    invalid = isinstance(error, exceptions.ValidationError)
    answer.data = body(
        status=answer.status_code,
        code=CODES.get(answer.status_code, "invalid"),
        detail="Some of the input cannot be used." if invalid else str(given[0]["detail"]),
        errors=[_entry(item) for item in given] if invalid else [],
    )
    return answer


def _entry(item: dict[str, Any]) -> dict[str, str]:
    path = str(item["attr"] or "").replace(".", "/")
    return {
        "pointer": f"#/{path}" if path else "#",
        "detail": str(item["detail"]),
        "code": str(item["code"]),
    }


def page_not_found(request: HttpRequest) -> HttpResponse:
    """A problem document for an API path that does not exist."""
    from apps.core.errors import NotFound

    return response(NotFound())
