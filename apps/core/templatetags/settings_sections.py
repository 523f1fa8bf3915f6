"""The sections of the settings, the same on each of their pages."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

register = template.Library()

# The name of each page, its icon, its words. static/shell/settings-nav.js has the same in the app.
SECTIONS = (
    ("profile", "pencil-simple", gettext_lazy("You")),
    ("notifications", "bell", gettext_lazy("Notifications")),
    ("appearance", "palette", gettext_lazy("Appearance")),
    ("security", "key", gettext_lazy("Security")),
    ("own-files", "file", gettext_lazy("Your files")),
    ("data", "download-simple", gettext_lazy("Your data")),
    ("emoji", "smiley", gettext_lazy("Emoji")),
    ("bots", "robot", gettext_lazy("Bots")),
    ("microsoft-presence", "users", gettext_lazy("Microsoft Teams")),
)


def _sections() -> Iterator[tuple[str, str, Promise]]:
    """Those that this server is set up for."""
    for name, icon, words in SECTIONS:
        if name != "microsoft-presence" or settings.GRAPH_TENANT:
            yield name, icon, words


@register.simple_tag
def microsoft_page() -> str:
    """The address of the page *Microsoft Teams*; empty on a server that is not set up for it."""
    return reverse("microsoft-presence") if settings.GRAPH_TENANT else ""


@register.inclusion_tag("core/settings_nav.html", takes_context=True)
def settings_nav(context: dict[str, Any]) -> dict[str, Any]:
    """The list of the sections, of which that of the shown page is marked, and whose they are."""
    request = context["request"]
    here = request.path
    return {
        "me": request.user,
        "sections": [
            {"url": url, "icon": icon, "words": words, "here": here.startswith(url)}
            for name, icon, words in _sections()
            for url in [reverse(name)]
        ],
    }
