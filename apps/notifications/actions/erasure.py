"""Erases the notifications of a person whose account is deleted."""

from uuid import UUID

from django.db import connection

from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.notifications.models import Digest, DigestPosition, Preferences, Push, Subscription

BATCH_SIZE = 2_000
# Locked in the order of docs/locks.md.
DELETE = """
WITH mine AS (
    SELECT id FROM notifications_push WHERE id = ANY(%s) ORDER BY chat_id, id FOR UPDATE
), gone AS (
    DELETE FROM notifications_delivery d USING mine WHERE d.push_id = mine.id
)
DELETE FROM notifications_push p USING mine WHERE p.id = mine.id
"""


def erase(user_id: UUID) -> Erased:
    """Preferences, digest, devices, and a part of the ledger."""
    streams.lock([user_id])
    preferences, _ = Preferences.objects.filter(user_id=user_id).delete()
    digests, _ = Digest.objects.filter(user_id=user_id).delete()
    positions, _ = DigestPosition.objects.filter(user_id=user_id).delete()
    devices, _ = Subscription.objects.filter(user_id=user_id).delete()
    # The order of an index.
    pushes = Push.objects.filter(user_id=user_id).order_by("chat_id", "last_seq")
    ids = list(pushes.values_list("id", flat=True)[:BATCH_SIZE])
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(DELETE, [ids])
    return {
        "notification preferences": preferences,
        "digests": digests,
        "digest positions": positions,
        "push subscriptions": devices,
        "pushes": len(ids),
    }
