"""Erases the integrations of a person whose account is deleted."""

from uuid import UUID

from apps.accounts.erasure_handlers import Erased
from apps.integrations.actions import bots
from apps.integrations.models import OutgoingWebhook

# Of one part. Each has up to a thousand events in its log.
MAX_WEBHOOKS = 5


def erase(user_id: UUID) -> Erased:
    """Their bots, and the webhooks that nobody has taken over from them."""
    bots.erase(user_id)
    of_person = OutgoingWebhook.objects.filter(owner_id=user_id).order_by("id")
    ids = of_person.select_for_update(no_key=True).values_list("id", flat=True)
    found = list(ids[:MAX_WEBHOOKS])
    OutgoingWebhook.objects.filter(id__in=found).delete()
    return {"webhooks": len(found)}
