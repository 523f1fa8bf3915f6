"""Titles and texts of exports within the limits of Parley."""

from apps.chats.actions.validation import MAX_TITLE_LENGTH
from apps.chats.foreign.texts import line
from apps.core.graphemes import cut
from apps.wire.limits import MAX_TEXT_LENGTH


def title(text: str) -> str:
    """The title of a group."""
    return line(text, MAX_TITLE_LENGTH) or "Group"


def split(text: str) -> list[str]:
    """A text in parts that are not longer than a message, at line ends where possible."""
    found: list[str] = []
    while len(text) > MAX_TEXT_LENGTH:
        end = text.rfind("\n", MAX_TEXT_LENGTH // 2, MAX_TEXT_LENGTH)
        part = text[:end] if end > 0 else cut(text[: MAX_TEXT_LENGTH + 1], MAX_TEXT_LENGTH)
        found.append(part)
        text = text[len(part) :].removeprefix("\n")
    return [*found, text]
