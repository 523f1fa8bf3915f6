"""`/hooks/responses/{call}/{secret}`: where other servers send later answers of a command."""

from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core.errors import Invalid, NotFound
from apps.integrations.actions import replies
from apps.integrations.commands.slack_answers import read_reply, reply_of

MAX_BODY_BYTES = 256 * 1024


@csrf_exempt  # no cookie is read: the secret in the address says who asks
@require_POST
def respond(request: HttpRequest, call: UUID, secret: str) -> HttpResponse:
    """`ok`, or Slack's word for what is wrong: `invalid_payload`, `expired_url`, `used_url`."""
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            reply = reply_of(request.POST.get("payload", ""))
        elif len(request.body) > MAX_BODY_BYTES:
            return _word("payload_too_large", 413)
        else:
            reply = read_reply(request.body, "application/json")
    except RequestDataTooBig:
        return _word("payload_too_large", 413)
    except Invalid:
        return _word("invalid_payload", 400)
    if reply is None:
        return _word("no_text", 400)
    try:
        replies.reply_later(call, secret, reply)
    except NotFound:
        return _word("expired_url", 404)
    except replies.UsedUp:
        return _word("used_url", 404)
    return _word("ok", 200)


def _word(word: str, status: int) -> HttpResponse:
    return HttpResponse(word, content_type="text/plain; charset=utf-8", status=status)
