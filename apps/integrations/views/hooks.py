"""Where programs post, as they post to Slack.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import logging
from http import HTTPStatus
from math import ceil
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from apps.core.client_address import client_address
from apps.core.errors import RateLimited
from apps.core.expected import expected
from apps.core.limits import WEBHOOK_FAILURES, check
from apps.integrations.actions import incoming_posts
from apps.integrations.queries.incoming import Target
from apps.integrations.slack.errors import SlackError

logger = logging.getLogger(__name__)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
UNREADABLE = (MultiPartParserError, SuspiciousOperation, RequestDataTooBig, UnreadablePostError)


@csrf_exempt  # no cookie is read: the address is the secret
@never_cache
def hook(request: HttpRequest, webhook: UUID, secret: str) -> HttpResponse:
    """Post a payload: JSON, or a form with JSON in its field `payload`. The response is `ok`, or
    one of Slack's words."""
    if request.method != "POST":
        return expected(HttpResponseNotAllowed(["POST"]))
    try:
        incoming_posts.post(_authenticate(request, webhook, secret), _payload(request))
    except SlackError as error:
        return _refusal(error)
    except DatabaseError:
        logger.exception("a post to the webhook %s cannot be stored", webhook)
        return _refusal(SlackError("rollup_error"))
    return _said("ok", HTTPStatus.OK)


def _authenticate(request: HttpRequest, webhook: UUID, secret: str) -> Target:
    """Posts that fail have a limit of their own, so that guesses keep no program out."""
    try:
        return incoming_posts.authenticate(webhook, secret)
    except SlackError:
        try:
            check(WEBHOOK_FAILURES, client_address(request))
        except RateLimited as limit:
            raise SlackError("rate_limited", retry_after=limit.retry_after) from limit
        raise


def _payload(request: HttpRequest) -> bytes | str:
    try:
        body = request.body
        # Programs send JSON with any type, as curl does without a header.
        if request.content_type in FORMS and not body.lstrip().startswith(b"{"):
            return request.POST.get("payload", "")
    except UNREADABLE as error:
        raise SlackError("invalid_payload") from error
    return body


def _refusal(error: SlackError) -> HttpResponse:
    response = _said(error.word, error.status)
    if error.retry_after is not None or error.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(max(1, ceil(error.retry_after or 1)))
    return response


def _said(word: str, status: int) -> HttpResponse:
    # The log of a refused request would have its address, and so the secret.
    return expected(HttpResponse(word, status=status, content_type="text/plain; charset=utf-8"))
