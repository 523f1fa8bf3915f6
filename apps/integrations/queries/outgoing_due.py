"""How long the oldest event of an outgoing webhook has been due."""

from datetime import datetime

from django.db.models import Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest, Now

from apps.chats.models import Chat, Message
from apps.core.runtime import runtime
from apps.integrations.models import OutgoingWebhook


def oldest_due() -> datetime | None:
    """Since when; None if nothing is due, or may be sent. A webhook that waits for its next attempt
    is not due, nor is one of a closed group."""
    if not runtime.OUTGOING_WEBHOOKS:
        return None
    chats = Chat.objects.filter(id=OuterRef("chat_id"))
    entries = Message.objects.filter(chat_id=OuterRef("chat_id"), seq__gt=OuterRef("seq"))
    active = OutgoingWebhook.objects.filter(
        Exists(chats.filter(closed_reason="")),
        state=OutgoingWebhook.State.ACTIVE,
        due_at__lte=Now(),
    ).annotate(
        head=Subquery(chats.values("rev")[:1]),
        last=Subquery(chats.values("last_seq")[:1]),
        first_at=Subquery(entries.order_by("seq").values("created_at")[:1]),
    )
    behind = Q(head__gt=F("rev")) | Q(last__gt=F("seq"))
    # Without a new entry there is a change of an old one, whose time is not stored.
    since = Greatest("due_at", Coalesce("first_at", Now()))
    found = active.aggregate(
        waiting=Min("due_at", filter=Q(has_waiting=True)),
        unread=Min(since, filter=behind & Q(has_waiting=False)),
    )
    return min((each for each in found.values() if each is not None), default=None)
