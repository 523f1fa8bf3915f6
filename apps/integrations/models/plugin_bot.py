"""Bots of plugins."""

from django.db import models


class PluginBot(models.Model):
    """The account as which a plugin writes to people."""

    plugin = models.CharField(primary_key=True, max_length=30)
    user_id = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return self.plugin
