"""Whether a person is told of a message: one function, for sending and for trying out.

Nothing here reads or writes; what it knows of people and messages is handed in.
"""

import re
from collections.abc import Sequence
from datetime import datetime, time
from enum import StrEnum
from functools import lru_cache
from unicodedata import normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct


class Level(StrEnum):
    """What of a chat a person is told."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


class Reason(StrEnum):
    """Why it was decided as it was; the first four push, the others do not."""

    ALL = "all"
    MENTION = "mention"
    KEYWORD = "keyword"
    BREAK_THROUGH = "break_through"
    MUTED = "muted"
    LEVEL_NONE = "level_none"
    NOT_MENTIONED = "not_mentioned"
    DO_NOT_DISTURB = "do_not_disturb"


PUSHING = frozenset({Reason.ALL, Reason.MENTION, Reason.KEYWORD, Reason.BREAK_THROUGH})


class Quiet(Struct, frozen=True):
    """Do not disturb: daily from `start` to `end` by the clock of `zone` (over midnight when the
    end is earlier), and once until `until`."""

    zone: str = "UTC"
    start: time | None = None
    end: time | None = None
    until: datetime | None = None

    def at(self, now: datetime) -> bool:
        """Whether it is quiet at this moment."""
        if self.until is not None and now < self.until:
            return True
        if self.start is None or self.end is None or self.start == self.end:
            return False
        clock = now.astimezone(_zone(self.zone)).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class Wishes(Struct, frozen=True):
    """What one person wants of one chat. `chat_level` empty: as everywhere (`level`)."""

    level: Level = Level.ALL
    chat_level: str = ""
    muted: bool = False
    muted_until: datetime | None = None
    keywords: Sequence[str] = ()
    break_through: bool = False
    quiet: Quiet = Quiet()


def decide(wishes: Wishes, *, text: str, mentioned: bool, now: datetime) -> Reason:
    """Why the person is, or is not, told of a message that says `text`.

    A mention (or @all) counts more than a keyword: only it breaks through a muted chat and
    through do not disturb, and only for who wants that. `none` is never broken.
    """
    level = Level(wishes.chat_level or wishes.level)
    if level is Level.NONE:
        return Reason.LEVEL_NONE
    breaking = mentioned and wishes.break_through
    muted = wishes.muted or (wishes.muted_until is not None and now < wishes.muted_until)
    if muted:
        return Reason.BREAK_THROUGH if breaking else Reason.MUTED
    keyword = not mentioned and speaks_of(text, wishes.keywords)
    if level is Level.MENTIONS and not mentioned and not keyword:
        return Reason.NOT_MENTIONED
    if wishes.quiet.at(now):
        return Reason.BREAK_THROUGH if breaking else Reason.DO_NOT_DISTURB
    if mentioned:
        return Reason.MENTION
    return Reason.KEYWORD if keyword else Reason.ALL


def speaks_of(text: str, keywords: Sequence[str]) -> bool:
    """Whether one of the keywords stands in the text as words of its own, in any case."""
    return bool(keywords) and _pattern(tuple(keywords)).search(_folded(text)) is not None


# Fifty words of sixty characters make a pattern of some ten kilobytes.
@lru_cache(maxsize=128)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(re.escape(_folded(word)) for word in keywords)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")


def _folded(text: str) -> str:
    # Some keyboards write an accent as a sign of its own.
    return normalize("NFC", text).casefold()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
