"""Devices, preferences, the ledger of pushes with their deliveries, and digests."""

from apps.notifications.models.delivery import Delivery
from apps.notifications.models.digest import Digest, DigestPosition
from apps.notifications.models.preferences import Preferences
from apps.notifications.models.push import Push
from apps.notifications.models.subscription import Subscription

__all__ = ["Delivery", "Digest", "DigestPosition", "Preferences", "Push", "Subscription"]
