"""The pages of a group's integrations, the same list on each of them."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy

register = template.Library()

# The name of each page and its words.
TABS: tuple[tuple[str, Any], ...] = (
    ("chat-bots", gettext_lazy("Bots")),
    ("chat-incoming", gettext_lazy("Incoming webhooks")),
    ("chat-outgoing", gettext_lazy("Outgoing webhooks")),
    ("chat-commands", gettext_lazy("Commands")),
)


@register.inclusion_tag("integrations/chat/nav.html", takes_context=True)
def chat_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The list of the pages, of which that of the shown page is marked. Needs `chat`."""
    chat, path = context["chat"], context["request"].path
    tabs = [(reverse(name, args=[chat.id]), words) for name, words in TABS]
    here = max((url for url, _ in tabs if path.startswith(url)), key=len, default="")
    return {
        "chat": chat,
        "tabs": [{"url": url, "words": words, "here": url == here} for url, words in tabs],
    }
