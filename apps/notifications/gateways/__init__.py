"""The ways to reach devices, by the names that the setting PUSH_GATEWAYS gives them."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from apps.notifications.gateways.base import Gateway


@cache
def gateway(name: str) -> Gateway:
    """The gateway called `name`. Raises KeyError for a name that is not in the settings."""
    instance: Gateway = import_string(settings.PUSH_GATEWAYS[name])()
    return instance
