"""`/hooks/responses/{call}/{secret}`: where other servers send later answers of a command."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from apps.core.errors import NotFound
from apps.integrations.actions import replies
from apps.integrations.actions.member_markup import markup_for
from apps.integrations.commands.slack_answers import reply_of
from apps.integrations.slack.errors import SlackError
from apps.integrations.slack.refusals import in_words_of_slack
from apps.integrations.views.slack_requests import count_failure, payload_in, take_post
from apps.wire.limits import MAX_HOOK_BYTES


@csrf_exempt  # no cookie is read: the secret in the address says who asks
@never_cache
def respond(request: HttpRequest, call: UUID, secret: str) -> HttpResponse:
    """`ok`, or Slack's word for what is wrong: `invalid_payload`, `expired_url`, `used_url`."""

    def take() -> None:
        with in_words_of_slack():
            _answer(request, call, secret)

    problem = f"an answer to the run {call} of a command cannot be stored"
    return take_post(request, take, problem=problem)


def _answer(request: HttpRequest, call_id: UUID, secret: str) -> None:
    # First: nobody without the secret makes this server read a payload.
    try:
        call = replies.open_call(call_id, secret)
    except NotFound as error:
        count_failure(request)
        raise SlackError("expired_url") from error
    payload = payload_in(request)
    if len(payload) > MAX_HOOK_BYTES:
        raise SlackError("payload_too_large")
    markup = markup_for(call.chat_id, payload)
    reply = reply_of(payload, markup) if payload.strip() else None
    if reply is None:
        raise SlackError("no_text")
    try:
        replies.reply_later(call, reply)
    except replies.UsedUp as error:
        raise SlackError("used_url") from error
