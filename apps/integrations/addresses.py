"""The addresses of this server that programs know."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse


def webhook_address(webhook: UUID, secret: str) -> str:
    """Where a program posts to an incoming webhook."""
    return f"{settings.PUBLIC_URL}{reverse('incoming-webhook', args=[webhook, secret])}"
