"""Ways to a person's devices. `webpush` is ours; others are named in the setting PUSH_GATEWAYS."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from apps.notifications.gateways.base import Gateway


@cache
def gateway(name: str) -> Gateway:
    """The gateway called `name`. Raises KeyError for one that the settings do not know."""
    made: Gateway = import_string(settings.PUSH_GATEWAYS[name])()
    return made
