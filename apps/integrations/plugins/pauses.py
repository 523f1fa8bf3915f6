"""Records that a plugin is paused, for administrators: each process pauses by itself, and they ask
one of them."""

import logging
from datetime import timedelta

from django.db import Error
from django.utils import timezone

from apps.integrations.plugins.threads import BoundedThreads

logger = logging.getLogger(__name__)
_threads = BoundedThreads("plugin-pauses")


def record_pause(plugin: str, seconds: float) -> None:
    """Log the pause, and store it in a thread: the caller may be in the path of a send."""
    logger.error("plugin %s keeps failing: paused for %d s", plugin, seconds)
    _threads.start(lambda: _store(plugin, seconds))


def _store(plugin: str, seconds: float) -> None:
    from apps.integrations.models import PluginPause

    now = timezone.now()
    values = {"began_at": now, "until": now + timedelta(seconds=seconds)}
    try:
        PluginPause.objects.update_or_create(plugin=plugin, defaults=values)
    except Error as error:
        logger.warning("the pause is not stored: %s", type(error).__name__)
