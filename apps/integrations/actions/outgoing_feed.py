"""Makes the deliveries of a webhook from what has changed in its chat."""

from datetime import datetime

import msgspec
from django.utils import timezone
from msgspec.structs import replace

from apps.chats.models import Chat
from apps.chats.queries.access import get_membership
from apps.chats.queries.changed_messages import Position, part_after
from apps.chats.roles import Right, may
from apps.core.errors import NotFound
from apps.integrations.actions.outgoing_log import keep_newest
from apps.integrations.events import EventType, event_of
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from apps.notifications.rules import contains_keyword
from apps.wire import bodies

WITH_TEXT = {EventType.MESSAGE_CREATED, EventType.MESSAGE_EDITED}


def make_deliveries(webhook: OutgoingWebhook) -> bool:
    """Make the deliveries of the next part of the chat's changes, and move the webhook's position
    past it, in the caller's transaction. The caller has locked the webhook, and saves it.

    Returns whether there was anything new, whether or not the webhook is to be told of it.
    """
    position = Position(webhook.seq, webhook.rev)
    part = part_after(webhook.chat_id, position)
    if part.reached == position:
        return False
    webhook.seq, webhook.rev = part.reached
    now = timezone.now()
    made = []
    for what, entry in part.changes:
        event = event_of(what, entry)
        if event is not None and _is_wanted(webhook, event, entry):
            webhook.number += 1
            made.append(_delivery(webhook, event, entry, now))
    if made:
        WebhookDelivery.objects.bulk_create(made)
        webhook.has_waiting = True
        keep_newest(webhook)
    return True


def managed_chat(webhook: OutgoingWebhook) -> Chat | None:
    """The chat, if its owner still may manage the integrations there. Ask after reading what to
    send: so nothing is sent that was written after the right had ended."""
    try:
        member = get_membership(webhook.owner_id, webhook.chat_id)
    except NotFound:
        return None
    may_manage = may(member.role, Right.INTEGRATE, direct=member.chat.low is not None)
    return member.chat if may_manage else None


def _is_wanted(webhook: OutgoingWebhook, event: EventType, entry: bodies.Message) -> bool:
    if event not in webhook.events:
        return False
    return (
        not webhook.words or event not in WITH_TEXT or contains_keyword(entry.text, webhook.words)
    )


def _delivery(
    webhook: OutgoingWebhook, event: EventType, entry: bodies.Message, now: datetime
) -> WebhookDelivery:
    # A quote is the content of another message, with which it would have to be deleted.
    body = msgspec.to_builtins(replace(entry, quote=None))
    at = {EventType.MESSAGE_EDITED: entry.edited_at, EventType.MESSAGE_CREATED: entry.at}
    return WebhookDelivery(
        webhook=webhook,
        number=webhook.number,
        event=event,
        at=at.get(event) or (now if entry.kind == "text" else entry.at),
        made_at=now,
        seq=entry.seq,
        body=body,
    )
