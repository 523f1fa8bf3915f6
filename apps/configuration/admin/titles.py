"""How the pages of the admin name a setting or a rate limit."""

from apps.configuration import words
from apps.core.runtime import LIMIT_PREFIX


def title_of(name: str) -> str:
    """Its words; its name, if it is one of another release."""
    if name.startswith(LIMIT_PREFIX):
        return str(words.LIMITS.get(name.removeprefix(LIMIT_PREFIX), name))
    found = words.SETTINGS.get(name)
    return str(found.title) if found else name
