"""Whether a person is told of a message: one function, for sending and for trying out.

Nothing here reads or writes; what it knows of people and messages is handed in.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, time
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple
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


# Keywords are looked for in this many characters: more is read by nobody in a notification.
MAX_KEYWORD_TEXT = 2_000
WORD = re.compile(r"\w+")
# More than 30 signs in a row that are neither letters, digits, spaces nor of Latin-1: all combining
# characters are among these.
LONG_RUN = re.compile(r"([^\w\s\x00-\u02ff]{30})[^\w\s\x00-\u02ff]+")
# Halves of surrogate pairs: JSON with one of them alone is refused, so no text contains it.
BEGINNING, END = "\ud800", "\ud801"
PUSH_REASONS = frozenset({Reason.ALL, Reason.MENTION, Reason.KEYWORD, Reason.BREAK_THROUGH})


class DoNotDisturb(Struct, frozen=True):
    """Do not disturb: daily from `start` to `end` by the clock of `zone` (over midnight when the
    end is earlier), and once until `until`."""

    zone: str = "UTC"
    start: time | None = None
    end: time | None = None
    until: datetime | None = None

    def active_at(self, now: datetime) -> bool:
        """Whether it is quiet at this moment."""
        if self.until is not None and now < self.until:
            return True
        if self.start is None or self.end is None or self.start == self.end:
            return False
        clock = now.astimezone(_zone(self.zone)).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class ChatPreferences(Struct, frozen=True):
    """What one person wants of one chat. `chat_level` empty: as everywhere (`level`)."""

    level: Level = Level.ALL
    chat_level: str = ""
    muted: bool = False
    muted_until: datetime | None = None
    keywords: Sequence[str] = ()
    break_through: bool = False
    do_not_disturb: DoNotDisturb = DoNotDisturb()


def decide(prefs: ChatPreferences, *, text: str, mentioned: bool, now: datetime) -> Reason:
    """Why the person is, or is not, told of a message that says `text`.

    A mention (or @all) counts more than a keyword: only it breaks through a muted chat and
    through do not disturb, and only for who wants that. `none` is never broken.
    """
    level = Level(prefs.chat_level or prefs.level)
    if level is Level.NONE:
        return Reason.LEVEL_NONE
    breaking = mentioned and prefs.break_through
    muted = prefs.muted or (prefs.muted_until is not None and now < prefs.muted_until)
    if muted:
        return Reason.BREAK_THROUGH if breaking else Reason.MUTED
    keyword = not mentioned and contains_keyword(text, prefs.keywords)
    if level is Level.MENTIONS and not mentioned and not keyword:
        return Reason.NOT_MENTIONED
    if prefs.do_not_disturb.active_at(now):
        return Reason.BREAK_THROUGH if breaking else Reason.DO_NOT_DISTURB
    if mentioned:
        return Reason.MENTION
    return Reason.KEYWORD if keyword else Reason.ALL


def contains_keyword(text: str, keywords: Sequence[str]) -> bool:
    """Whether one of the keywords stands in the text as words of its own, in any case.

    Reads the first `MAX_KEYWORD_TEXT` characters. The time is linear in these, whatever they are:
    this runs inside of the transaction that sends, for each member with a device.
    """
    if not keywords:
        return False
    looked_for, read = _keywords(tuple(keywords)), _text(text[:MAX_KEYWORD_TEXT])
    if not looked_for.words.isdisjoint(read.words):
        return True
    return any(
        phrase.words <= read.words and phrase.marked in read.marked for phrase in looked_for.phrases
    )


def nfc(text: str) -> str:
    """`text` in Unicode's form NFC, in linear time, for being compared and not for being kept.

    Of more than 30 combining characters (or other signs) in a row the first 30 count, as in the
    Stream-Safe Text Format (UAX #15, section 13): sorting 100,000 of them takes 11 s.
    """
    return unicodedata.normalize("NFC", LONG_RUN.sub(r"\1", text))


class _Text:
    """A text, prepared for being compared with many keywords."""

    def __init__(self, text: str) -> None:
        # Some keyboards write an accent as a sign of its own.
        self.folded = nfc(text).casefold()
        self.words = frozenset(WORD.findall(self.folded))

    @cached_property
    def marked(self) -> str:
        """The text with a sign wherever a keyword may begin (no letter, digit or underscore stands
        before that place) and another wherever one may end (none stands after it). A marked
        keyword is a part of a marked text exactly where it stands as words of its own."""
        return re.sub(r"(?<!\w)", BEGINNING, re.sub(r"(?!\w)", END, self.folded))


class _Keywords(NamedTuple):
    """Keywords of one word, and all others."""

    words: frozenset[str]
    phrases: list[_Text]


@lru_cache(maxsize=32)
def _text(text: str) -> _Text:
    return _Text(text)


@lru_cache(maxsize=128)
def _keywords(keywords: tuple[str, ...]) -> _Keywords:
    texts = [_Text(keyword) for keyword in keywords]
    phrases = [text for text in texts if not WORD.fullmatch(text.folded)]
    return _Keywords(
        frozenset(text.folded for text in texts) - {t.folded for t in phrases}, phrases
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
