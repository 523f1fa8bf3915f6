"""Where programs post, as they post to Slack.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from apps.integrations.actions import incoming_posts
from apps.integrations.queries.incoming import Target
from apps.integrations.slack.errors import SlackError
from apps.integrations.views.slack_requests import count_failure, payload_in, take_post


@csrf_exempt  # no cookie is read: the address is the secret
@never_cache
def receive(request: HttpRequest, webhook: UUID, secret: str) -> HttpResponse:
    """Post a payload: JSON, or a form with JSON in its field `payload`. The response is `ok`, or
    one of Slack's words."""

    def take() -> None:
        incoming_posts.post(_authenticate(request, webhook, secret), payload_in(request))

    problem = f"a post to the webhook {webhook} cannot be stored"
    return take_post(request, take, problem=problem)


def _authenticate(request: HttpRequest, webhook: UUID, secret: str) -> Target:
    try:
        return incoming_posts.authenticate(webhook, secret)
    except SlackError:
        count_failure(request)
        raise
