"""Integrations of chats."""

from apps.integrations.models.incoming import IncomingWebhook
from apps.integrations.models.outgoing import OutgoingWebhook, WebhookDelivery

__all__ = ["IncomingWebhook", "OutgoingWebhook", "WebhookDelivery"]
