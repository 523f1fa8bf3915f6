"""The names that emoji of Unicode have already."""

import json
from functools import cache

from django.conf import settings


@cache
def built_in_names() -> frozenset[str]:
    """The short names of the emoji of the picker."""
    path = settings.BASE_DIR / "static/vendor/emojibase/emoji.json"
    groups: dict[str, list[tuple[str, str, str]]] = json.loads(path.read_text())
    return frozenset(
        name for group in groups.values() for _, _, names in group for name in names.split()
    )
