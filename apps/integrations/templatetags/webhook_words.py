"""The words for events and deliveries of webhooks."""

import msgspec
from django import template

from apps.integrations.event_words import DELIVERY_STATES, ONE_EVENT

register = template.Library()


@register.filter
def event_words(name: str) -> str:
    """What an event is; its name, if this release has none of that name."""
    return str(ONE_EVENT.get(name, name))


@register.filter
def delivery_words(state: str) -> str:
    """What became of a delivery."""
    return str(DELIVERY_STATES[state])


@register.filter
def as_json(value: object) -> str:
    """The value as JSON on several lines."""
    return msgspec.json.format(msgspec.json.encode(value)).decode()
