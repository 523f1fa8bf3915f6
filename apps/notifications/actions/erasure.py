"""Erases the notifications of a person whose account is deleted."""

from uuid import UUID

from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.notifications.models import Delivery, Preferences, Push, Subscription

BATCH_SIZE = 1_000


def erase(user_id: UUID) -> Erased:
    """Preferences, devices, and a part of the ledger."""
    streams.lock([user_id])
    preferences, _ = Preferences.objects.filter(user_id=user_id).delete()
    devices, _ = Subscription.objects.filter(user_id=user_id).delete()
    pushes = Push.objects.filter(user_id=user_id).order_by("chat_id", "id").select_for_update()
    ids = list(pushes.values_list("id", flat=True)[:BATCH_SIZE])
    Delivery.objects.filter(push_id__in=ids).delete()
    Push.objects.filter(id__in=ids).delete()
    return {
        "notification preferences": preferences,
        "push subscriptions": devices,
        "pushes": len(ids),
    }
