"""Mentions by the names of people, for texts that no client draws: mails and pages of archives."""

import re
from collections.abc import Mapping

from apps.chats.markup import NAME

# An `@` after it is part of an address.
IN_ADDRESS = re.compile(r"[\w@/.+-]")


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A text without marks, with `@Alice Adams` for `@alice`. `names`: those of the people whom it
    mentions, by their usernames in lower case."""
    return NAME.sub(lambda found: _named(found, names), text) if names else text


def _named(found: re.Match[str], names: Mapping[str, str]) -> str:
    """A mention by the name of the person."""
    if IN_ADDRESS.match(found.string[found.start() - 1 : found.start()]):
        return found[0]
    # `@bob.` at the end of a sentence is not followed by a name, `@bob.Then` is.
    for end in range(len(found[1]), 0, -1):
        name = names.get(found[1][:end].lower())
        if name and (end == len(found[1]) or found[1][end] in ".-"):
            return f"@{name}{found[1][end:]}"
    return found[0]
