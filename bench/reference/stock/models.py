"""Chats and messages."""

from django.conf import settings
from django.db import models


class Chat(models.Model):
    """A chat and its members."""

    people = models.ManyToManyField(settings.AUTH_USER_MODEL)

    class Meta:
        app_label = "stock"

    def __str__(self) -> str:
        return f"chat {self.pk}"


class Message(models.Model):
    """A message, numbered by its serial primary key."""

    chat = models.ForeignKey(Chat, models.CASCADE)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    client_id = models.UUIDField()
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "stock"

    def __str__(self) -> str:
        return f"message {self.pk}"
