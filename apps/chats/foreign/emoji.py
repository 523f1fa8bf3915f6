"""Emoji by the names that other chat servers give them.

`emoji_names.json` has, from `en/shortcodes/iamcal.json` (the names of Slack and Mattermost) and
`github.json` of `emojibase-data` 17.0.0 (MIT, `static/vendor/emojibase/LICENSE`), the names of each
emoji.
"""

import json
import re
from functools import cache
from pathlib import Path

from apps.chats import markup
from apps.core.emoji import MAX_LENGTH, fully_qualified, is_single_emoji

NAMES = Path(__file__).with_name("emoji_names.json")
# `:wave:`, or `:wave::skin-tone-3:` and `:wave_medium_skin_tone:`.
NAME = re.compile(r":([a-z0-9_+'-]{1,100})(?:::skin-tone-([2-6]))?:", re.IGNORECASE | re.ASCII)
NAME_OR_ADDRESS = re.compile(
    rf"(?:https?://|www\.){markup.ADDRESS}+|{NAME.pattern}", markup.ANY_CASE
)
TONED = re.compile(
    r"(.+?)(?:::skin-tone-([2-6])|_(light|medium_light|medium|medium_dark|dark)_skin_tone)"
)
TONES = {"light": 2, "medium_light": 3, "medium": 4, "medium_dark": 5, "dark": 6}
FIRST_TONE = 0x1F3FB


def find(name: str) -> str:
    """The emoji of a name, with or without colons around it; empty when it is none of Unicode, as a
    custom one."""
    name = name.strip(":").lower()
    found = TONED.fullmatch(name)
    if not found:
        return _by_name().get(name, "")
    tone = int(found[2]) if found[2] else TONES[found[3]]
    return _toned(_by_name().get(found[1], ""), tone)


def of_code(code: str) -> str:
    """The emoji of code points, as "1f44d" or "1f1e9-1f1ea"; empty when it is none."""
    try:
        return _one("".join(chr(int(point, 16)) for point in code.split("-")))
    except (ValueError, OverflowError):
        return ""


def in_text(text: str) -> tuple[str, list[str]]:
    """A text with the emoji of names, and the names that are none (and stay). Neither addresses nor
    words such as `user:id:42` have any."""
    unknown: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
        if not found[1] or (markup.WORD.match(before) and markup.WORD.match(after)):
            return found[0]
        emoji = find(f"{found[1]}::skin-tone-{found[2]}" if found[2] else found[1])
        # `10:30:00` is a time.
        if not emoji and not found[1].isdigit():
            unknown.append(found[1])
        return emoji or found[0]

    return (NAME_OR_ADDRESS.sub(replaced, text), unknown) if ":" in text else (text, unknown)


def _toned(emoji: str, tone: int) -> str:
    """An emoji with a skin tone, if it can have one."""
    modifier = chr(FIRST_TONE + tone - 2)
    first, rest = emoji[:1], emoji[1:].removeprefix("\ufe0f")
    return _one(first + modifier + rest) or emoji


def _one(text: str) -> str:
    return fully_qualified(text) if is_single_emoji(text) and len(text) < MAX_LENGTH else ""


@cache
def _by_name() -> dict[str, str]:
    emoji_names: dict[str, str] = json.loads(NAMES.read_text())
    return {name: _one(emoji) for emoji, names in emoji_names.items() for name in names.split()}
