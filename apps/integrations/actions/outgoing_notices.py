"""Tells owners by e-mail that their webhook was given up. It is done at least once: the claim of a
worker that dies in between runs out, as that of a mail that the mail host did not take."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts import mails
from apps.core.claims import claim, still_held
from apps.core.errors import NotPossible
from apps.integrations.models import OutgoingWebhook

# Of one pass. Each may wait for the mail server.
MAX_MAILS = 3
# When a mail that could not be sent is tried again, and until when: an address may be wrong for
# good.
LEASE = timedelta(minutes=10)
TRY_FOR = timedelta(days=1)


def tell_owners() -> None:
    """Write to the owners who do not know yet. Those without an address read it on the page, and so
    do those whose mail could not be sent for a day."""
    untold = OutgoingWebhook.objects.filter(told_owner=False).order_by("id")
    for row in claim(untold, limit=MAX_MAILS, lease=LEASE):
        page = reverse("outgoing-webhook", args=[row.chat_id, row.id])
        context = {"webhook": row, "chat": row.chat, "url": f"{settings.PUBLIC_URL}{page}"}
        try:
            with mails.needed():
                mails.send(row.owner, "integrations/email/webhook_failed", context)
        except NotPossible:
            # Nothing moves this time any more once the webhook is given up.
            if row.due_at > timezone.now() - TRY_FOR:
                continue
        with transaction.atomic():
            if held := still_held(row):
                held.told_owner, held.claimed_at = True, None
                held.save()
