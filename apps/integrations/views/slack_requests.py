"""Requests of programs that speak with Slack: what they post, and responses in Slack's words."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from math import ceil

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from apps.core.client_address import client_address
from apps.core.errors import RateLimited
from apps.core.expected import expected
from apps.core.limits import WEBHOOK_FAILURES, check
from apps.integrations.slack.errors import SlackError

logger = logging.getLogger(__name__)

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
UNREADABLE = (MultiPartParserError, SuspiciousOperation, RequestDataTooBig, UnreadablePostError)


def take_post(request: HttpRequest, take: Callable[[], None], *, problem: str) -> HttpResponse:
    """`ok` after `take` has taken what was posted, or the word of the SlackError that it raises.
    `problem`: what the log says when the database fails."""
    if request.method != "POST":
        return expected(HttpResponseNotAllowed(["POST"]))
    try:
        take()
    except SlackError as error:
        return refused(error)
    except DatabaseError:
        logger.exception("%s", problem)
        return refused(SlackError("rollup_error"))
    return said("ok", HTTPStatus.OK)


def payload_in(request: HttpRequest) -> bytes | str:
    """The JSON that was posted, or that is in the field `payload` of a form. Raises SlackError."""
    try:
        body = request.body
        # Programs send JSON with any type, as curl does without a header.
        if request.content_type in FORMS and not body.lstrip().startswith(b"{"):
            return request.POST.get("payload", "")
    except UNREADABLE as error:
        raise SlackError("invalid_payload") from error
    return body


def count_failure(request: HttpRequest) -> None:
    """Count a wrong address. Such requests have a limit of their own, so that guesses keep no
    program out. Raises SlackError."""
    try:
        check(WEBHOOK_FAILURES, client_address(request))
    except RateLimited as limit:
        raise SlackError("rate_limited", retry_after=limit.retry_after) from limit


def refused(error: SlackError) -> HttpResponse:
    """The word of the error."""
    response = said(error.word, error.status)
    if error.retry_after is not None or error.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(max(1, ceil(error.retry_after or 1)))
    return response


def said(word: str, status: int) -> HttpResponse:
    """A word in plain text."""
    # No line of the log: it would have the address, and so the secret.
    return expected(HttpResponse(word, status=status, content_type="text/plain; charset=utf-8"))
