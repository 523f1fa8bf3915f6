"""Where programs post, as they post to Slack.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import logging
from http import HTTPStatus
from uuid import UUID

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from apps.core.expected import expected
from apps.integrations.actions import incoming_posts
from apps.integrations.queries.incoming import Target
from apps.integrations.slack.errors import SlackError
from apps.integrations.views.slack_requests import count_failure, payload_in, refused, said

logger = logging.getLogger(__name__)


@csrf_exempt  # no cookie is read: the address is the secret
@never_cache
def receive(request: HttpRequest, webhook: UUID, secret: str) -> HttpResponse:
    """Post a payload: JSON, or a form with JSON in its field `payload`. The response is `ok`, or
    one of Slack's words."""
    if request.method != "POST":
        return expected(HttpResponseNotAllowed(["POST"]))
    try:
        incoming_posts.post(_authenticate(request, webhook, secret), payload_in(request))
    except SlackError as error:
        return refused(error)
    except DatabaseError:
        logger.exception("a post to the webhook %s cannot be stored", webhook)
        return refused(SlackError("rollup_error"))
    return said("ok", HTTPStatus.OK)


def _authenticate(request: HttpRequest, webhook: UUID, secret: str) -> Target:
    try:
        return incoming_posts.authenticate(webhook, secret)
    except SlackError:
        count_failure(request)
        raise
