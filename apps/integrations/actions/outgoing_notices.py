"""Tells owners by e-mail that their webhook was given up. It is done at least once: the claim of a
worker that dies in between runs out."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from apps.accounts import mails
from apps.core.claims import claim, still_held
from apps.integrations.models import OutgoingWebhook

# Of one pass. Each may wait for the mail server.
MAX_MAILS = 3


def tell_owners() -> None:
    """Write to the owners who do not know yet. Those without an address read it on the page."""
    untold = OutgoingWebhook.objects.filter(told_owner=False).order_by("id")
    for row in claim(untold, limit=MAX_MAILS):
        page = reverse("outgoing-webhook", args=[row.chat_id, row.id])
        context = {"webhook": row, "chat": row.chat, "url": f"{settings.PUBLIC_URL}{page}"}
        mails.send(row.owner, "integrations/email/webhook_failed", context)
        with transaction.atomic():
            if held := still_held(row):
                held.told_owner, held.claimed_at = True, None
                held.save()
