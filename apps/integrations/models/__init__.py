"""Integrations of chats."""

from apps.integrations.models.outgoing import OutgoingWebhook, WebhookDelivery

__all__ = ["OutgoingWebhook", "WebhookDelivery"]
