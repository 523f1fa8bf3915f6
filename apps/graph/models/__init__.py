"""Who shares their presence of Microsoft Teams, and what Microsoft Graph was asked to tell."""

from apps.graph.models.link import Link
from apps.graph.models.notification import Notification, SeenContent
from apps.graph.models.service_state import ServiceState
from apps.graph.models.subscription import Subscription

__all__ = ["Link", "Notification", "SeenContent", "ServiceState", "Subscription"]
