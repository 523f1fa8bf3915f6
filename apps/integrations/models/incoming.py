"""Addresses at which programs post to a chat."""

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class IncomingWebhook(models.Model):
    """What is posted to it is a message of `bot` in `chat`. The bot has no tokens, is in no other
    chat, and belongs to the person who made the webhook. Its name is that of the webhook.

    `secret` is a SHA-256: the last part of the address is shown once. `used_at` is exact to some
    minutes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey("chats.Chat", models.CASCADE, related_name="+")
    bot = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    secret = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"webhook {self.id}"
