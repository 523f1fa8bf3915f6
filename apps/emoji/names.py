"""The names that emoji of Unicode have already."""

import json
from functools import cache

from django.conf import settings


@cache
def built_in_names() -> frozenset[str]:
    """The short names of the emoji of the picker, and those by which texts of other chat servers
    have them: an emoji of such a name would be one in some texts, and another in others."""
    path = settings.BASE_DIR / "static/vendor/emojibase/emoji.json"
    groups: dict[str, list[tuple[str, str, str]]] = json.loads(path.read_text())
    shown = [names for group in groups.values() for _, _, names in group]
    foreign: dict[str, str] = json.loads(
        (settings.BASE_DIR / "apps/chats/foreign/emoji_names.json").read_text()
    )
    return frozenset(name for names in (*shown, *foreign.values()) for name in names.split())
