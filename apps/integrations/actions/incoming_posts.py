"""Posts what a program sends to an incoming webhook."""

from contextlib import suppress
from datetime import timedelta
from hmac import compare_digest
from uuid import UUID, uuid4

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext

from apps.accounts.tokens import digest
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import validated_send
from apps.core.errors import Held, NotFound
from apps.core.limits import BOTS, WEBHOOK_POSTS, check, limited
from apps.integrations.actions.member_markup import markup_for
from apps.integrations.models import IncomingWebhook
from apps.integrations.queries import incoming
from apps.integrations.queries.incoming import Target
from apps.integrations.slack.content import Content, content_of, payload_of
from apps.integrations.slack.errors import SlackError
from apps.integrations.slack.refusals import in_words_of_slack

USED_EVERY = timedelta(minutes=5)


def authenticate(webhook_id: UUID, secret: str) -> Target:
    """The webhook with this secret. Raises SlackError, also for one that nothing can be posted
    to."""
    target = incoming.target(webhook_id)
    if target is None:
        raise SlackError("no_service")
    if not compare_digest(target.secret, digest(secret)):
        raise SlackError("invalid_token")
    if not target.has_readers:
        raise SlackError("channel_not_found")
    match target.state:
        case "removed":
            raise SlackError("no_service")
        case "paused":
            raise SlackError("no_active_hooks")
    return target


def post(target: Target, body: bytes | str) -> None:
    """Post a payload. Returns when it is committed, or waits for a moderator. Raises SlackError."""
    with in_words_of_slack():
        check(WEBHOOK_POSTS, target.id)
        payload = payload_of(body)
        _send(target, content_of(payload, markup_for(target.chat, body)))


@limited(BOTS)
def test(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> None:
    """Post a message that says that the webhook works. Raises NotFound, Forbidden, and SlackError
    as it would be answered to a program."""
    incoming.get(user_id, chat_id, webhook_id)
    target = incoming.target(webhook_id)
    if target is None or target.state == "removed":
        raise NotFound
    if target.state == "paused":
        raise SlackError("no_active_hooks")
    with in_words_of_slack():
        _send(target, Content(gettext("This webhook works."), None))


def _send(target: Target, content: Content) -> None:
    send = validated_send(
        sender=target.bot,
        chat=target.chat,
        client_id=uuid4(),
        text=content.text,
        layout=content.layout,
    )
    # First: an error after the message would make the program send it again.
    unnoted = Q(used_at=None) | Q(used_at__lt=timezone.now() - USED_EVERY)
    IncomingWebhook.objects.filter(unnoted, id=target.id).update(used_at=Now())
    # A held message is stored: it would be there twice if the program sent it again.
    with suppress(Held):
        group_commit.send(send)
