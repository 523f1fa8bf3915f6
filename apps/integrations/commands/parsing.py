"""Reads commands and their arguments as people type them."""

import re
from datetime import timedelta
from typing import NamedTuple

# A path such as `/usr/bin/x` has no blank after its first word, so it is no command.
COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_-]{0,31})(?:\s+(.*))?", re.DOTALL)
DURATION = re.compile(r"(\d{1,4})\s*([a-z]*)\.?", re.IGNORECASE)
UNITS = {
    timedelta(minutes=1): ("", "m", "min", "mins", "minute", "minutes", "minuten"),
    timedelta(hours=1): ("h", "hour", "hours", "std", "stunde", "stunden"),
    timedelta(days=1): ("d", "day", "days", "t", "tag", "tage", "tagen"),
}
USERNAME = re.compile(r"@?([\w.-]+)[,;]?")


class Typed(NamedTuple):
    """A command as it was typed: its name in lower case, and what follows."""

    name: str
    text: str


def typed_command(text: str) -> Typed | None:
    """The command that a text is; None if it is a message."""
    found = COMMAND.fullmatch(text.rstrip())
    return Typed(found[1].lower(), (found[2] or "").strip()) if found else None


def duration(text: str) -> timedelta | None:
    """How long `30m`, `2 hours` or `1 Tag` is; a number alone has minutes. None: it says nothing of
    the kind."""
    found = DURATION.fullmatch(text.strip())
    if found is None:
        return None
    for unit, words in UNITS.items():
        if found[2].lower() in words:
            return int(found[1]) * unit
    return None


def usernames(text: str) -> list[str] | None:
    """The names in `@ada @grace`; None if something else is among them."""
    found = [USERNAME.fullmatch(word) for word in text.split()]
    names = [each[1] for each in found if each]
    return names if len(names) == len(found) else None
