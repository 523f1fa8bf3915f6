"""The pages that plugins have for a chat."""

import json
from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse

from apps.integrations.plugins.registry import plugins

register = template.Library()


def pages_of(chat: UUID, path: str = "") -> list[dict[str, Any]]:
    """Each page with its address, of which that at `path` is marked."""
    found = [panel for plugin in plugins() for panel in plugin.panels]
    return [
        {"title": panel.title, "url": url, "here": url == path}
        for panel in found
        for url in [reverse(panel.url, args=[chat])]
    ]


# Stands for the id of the chat in addresses that the client fills in.
ANY_CHAT = UUID(int=0)


@register.simple_tag
def composer_pages() -> str:
    """The pages that the menu of the paper clip links to: a JSON array of `[title, icon, address]`,
    with `ANY_CHAT` in the addresses."""
    panels = [panel for plugin in plugins() for panel in plugin.panels if panel.in_composer]
    return json.dumps(
        [[str(one.title), one.icon, reverse(one.url, args=[ANY_CHAT])] for one in panels]
    )


@register.inclusion_tag("integrations/plugins/nav.html", takes_context=True)
def plugin_pages(context: dict[str, Any]) -> dict[str, Any]:
    """The list of the pages, for the chat of the shown page."""
    return {"chat": context["chat"], "pages": pages_of(context["chat"], context["request"].path)}
