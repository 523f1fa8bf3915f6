"""The log of outgoing webhooks: how long it is, and that it has no content that was deleted."""

from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from apps.integrations.models import OutgoingWebhook, WebhookDelivery

LOG_TTL = timedelta(days=7)
MAX_LOGGED = 1_000
# Deleted in one statement.
MAX_DELETED = 5_000
State = WebhookDelivery.State


def forget_content(chat_id: UUID, first: int, end: int) -> int:
    """Delete the copies of the content of the chat's entries from `first` up to, but without,
    `end`, and the responses to them, in which a receiver may repeat what it got. What waits with
    one of them is withdrawn. Called under the chat's lock.

    Locks the chat's webhooks first: a worker that has read an entry before it was deleted commits
    its copy of it under that lock.
    """
    webhooks = OutgoingWebhook.objects.filter(chat_id=chat_id).order_by("id")
    ids = list(webhooks.select_for_update(no_key=True).values_list("id", flat=True))
    if not ids:
        return 0
    copies = WebhookDelivery.objects.filter(
        webhook_id__in=ids, seq__gte=first, seq__lt=end, body__isnull=False
    )
    copies.filter(state=State.WAITING).update(state=State.WITHDRAWN)
    return copies.update(body=None, response="")


def keep_newest(webhook: OutgoingWebhook) -> None:
    """Delete what a locked webhook has in its log beyond the newest `MAX_LOGGED`."""
    old = WebhookDelivery.objects.filter(
        webhook=webhook, number__lte=webhook.number - MAX_LOGGED
    ).exclude(state=State.WAITING)
    old.delete()


def delete_old() -> None:
    """Delete what is older than the log is kept. Skips what others are changing: it locks no
    webhook, so to wait for a row could be a deadlock with somebody who deletes a message."""
    old = WebhookDelivery.objects.filter(made_at__lt=Now() - LOG_TTL).exclude(state=State.WAITING)
    free = old.order_by("made_at").select_for_update(skip_locked=True).values("id")[:MAX_DELETED]
    while WebhookDelivery.objects.filter(id__in=free).delete()[0]:
        pass
