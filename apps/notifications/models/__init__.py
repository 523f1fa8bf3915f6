"""Devices, preferences, and the ledger of pushes with their deliveries."""

from apps.notifications.models.delivery import Delivery
from apps.notifications.models.preferences import Preferences
from apps.notifications.models.push import Push
from apps.notifications.models.subscription import Subscription

__all__ = ["Delivery", "Preferences", "Push", "Subscription"]
