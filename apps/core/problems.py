"""HTTP errors: problem documents (RFC 9457) for the API, an HTML page elsewhere."""

import sys
from http import HTTPStatus

import msgspec
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from drf_standardized_errors.handler import exception_handler
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework.response import Response

from apps.core.database import refusal_of
from apps.core.errors import NotFound, Refused, SignedOut
from apps.core.expected import expected

MEDIA_TYPE = "application/problem+json"
CODES = {
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    415: "unsupported_type",
    429: "rate_limited",
    500: "failed",
}


class InputProblem(msgspec.Struct, frozen=True):
    """What is wrong with the part of the input at `pointer` (RFC 6901, `#/...`)."""

    pointer: str
    detail: str
    code: str = "invalid"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document. `code` is for programs (as on sockets), `detail` for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[InputProblem] = []


def problem(*, status: int, code: str, detail: str, errors: list[InputProblem]) -> Problem:
    """A problem document."""
    return Problem(
        type=f"urn:parley:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        errors=errors,
    )


def from_refusal(refusal: Refused) -> Problem:
    """The problem document for an action's refusal."""
    part = refusal.pointer
    return problem(
        status=refusal.status,
        code=refusal.code,
        detail=refusal.detail,
        errors=[] if part is None else [InputProblem(part, refusal.reason, refusal.code)],
    )


def response(refusal: Refused) -> HttpResponse:
    """A plain Django response for an action's refusal, outside DRF."""
    return expected(
        HttpResponse(
            msgspec.json.encode(from_refusal(refusal)),
            status=refusal.status,
            content_type=MEDIA_TYPE,
            headers=_headers(refusal),
        )
    )


def handle(error: Exception, context: ExceptionHandlerContext) -> Response | None:
    """DRF's exception handler: turns refusals, database errors and DRF's errors into problems."""
    if isinstance(error, Error):
        error = refusal_of(error)
    if isinstance(error, Refused):
        return expected(
            Response(
                from_refusal(error),
                status=error.status,
                content_type=MEDIA_TYPE,
                headers=_headers(error),
            )
        )
    answer: Response | None = exception_handler(error, context)
    if answer is not None:
        answer.data = problem(
            status=answer.status_code,
            code=CODES.get(answer.status_code, "invalid"),
            detail=str(answer.data["errors"][0]["detail"]),
            errors=[],
        )
        answer.content_type = MEDIA_TYPE
        expected(answer)
    return answer


def _headers(refusal: Refused) -> dict[str, str]:
    headers = {}
    if refusal.status == SignedOut.status:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 15.5.2
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    return headers


def page_not_found(request: HttpRequest) -> HttpResponse:
    """A problem document for an API path that does not exist."""
    return response(NotFound())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    if request.path_info.startswith("/api/"):
        return page_not_found(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: returns 503 for a database error in a page, the admin or middleware."""
    error = sys.exception()
    if not isinstance(error, Error):
        return defaults.server_error(request)
    refusal = refusal_of(error)
    if request.path_info.startswith("/api/"):
        return response(refusal)
    return HttpResponse(render_to_string("503.html"), status=503)
