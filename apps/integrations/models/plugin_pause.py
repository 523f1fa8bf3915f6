"""Plugins that kept failing."""

from django.db import models


class PluginPause(models.Model):
    """The last pause of a plugin in any process: it ends at `until`. Administrators see it on the
    page of the parts."""

    plugin = models.CharField(primary_key=True, max_length=30)
    began_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.plugin
