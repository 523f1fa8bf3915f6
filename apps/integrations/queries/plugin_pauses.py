"""Which plugins are paused."""

from django.db.models.functions import Now

from apps.integrations.models import PluginPause


def paused() -> list[str]:
    """The names of plugins that a process has paused now."""
    found = PluginPause.objects.filter(until__gt=Now()).order_by("plugin")
    return list(found.values_list("plugin", flat=True))
