"""Decides whether a person is notified of a message, for real messages and for dry runs.

Pure functions: everything they need is passed in. static/notifications/rules.js is the same in the
browser; both are tested with the same table of cases.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from msgspec import Struct

from apps.core.local_time import instant_of, zone_named


class Level(StrEnum):
    """Which messages of a chat a person is notified of."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


class Reason(StrEnum):
    """Why the person is, or is not, notified. The first four push, the others do not."""

    ALL = "all"
    MENTION = "mention"
    KEYWORD = "keyword"
    BREAK_THROUGH = "break_through"
    MUTED = "muted"
    LEVEL_NONE = "level_none"
    NOT_MENTIONED = "not_mentioned"
    DO_NOT_DISTURB = "do_not_disturb"


# Keywords are searched for in the first characters only; a notification shows no more of a text.
MAX_KEYWORD_TEXT = 2_000
# Scripts that put no blank between words (Thai, Lao, Burmese, Khmer, kana, Han), or attach
# particles to them (Hangul).
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
# What a character is to words: a part of one (t), a character of an unspaced script (u), a mark on
# one of these (v), or nothing of a word (a blank). A mark is a part of what it stands on.
MARK = "m"
MARKS_OF_UNSPACED = re.compile("(?<=u)m+")
WORD = re.compile("t+")
# Underscores at an edge of a word are marks of italics: `/me deploys` writes `_deploys_`.
EDGES = re.compile("(?<![t_])_++|(?<!_)_++(?!t)")
# More than 30 characters in a row that are neither letters, digits, spaces nor Latin-1. All
# combining characters are among these.
LONG_RUN = re.compile(r"([^\w\s\x00-\u02ff]{30})[^\w\s\x00-\u02ff]+")
# Lone surrogates: JSON with one of them is refused, so no text contains them.
WORD_START, WORD_END = "\ud800", "\ud801"
# What stands between two characters of these kinds, in a text in which words are marked.
BETWEEN = {
    (before, after): ("" if after == "v" or (after == "t" and before not in "uv") else WORD_END)
    + ("" if before == "t" and after not in "uv" else WORD_START)
    for before in " tuv"
    for after in " tuv"
}
MAX_KNOWN_KINDS = 10_000
PUSH_REASONS = frozenset({Reason.ALL, Reason.MENTION, Reason.KEYWORD, Reason.BREAK_THROUGH})


class DoNotDisturb(Struct, frozen=True):
    """Do not disturb: daily from `start` to `end` by the clock of `zone` (over midnight when the
    end is earlier), and once until `until`."""

    zone: str = "UTC"
    start: time | None = None
    end: time | None = None
    until: datetime | None = None

    def active_at(self, now: datetime) -> bool:
        """Whether the person must not be disturbed at this moment."""
        if self.until is not None and now < self.until:
            return True
        if self.start is None or self.end is None or self.start == self.end:
            return False
        zone = zone_named(self.zone)
        today = now.astimezone(zone).date()
        over_midnight = timedelta(days=int(self.end < self.start))
        return any(
            instant_of(day, self.start, zone)
            <= now
            < instant_of(day + over_midnight, self.end, zone)
            for day in (today - timedelta(days=1), today)
        )


class ChatPreferences(Struct, frozen=True):
    """What one person wants to be notified of in one chat. `chat_level` empty: `level` applies."""

    level: Level = Level.ALL
    chat_level: str = ""
    muted: bool = False
    muted_until: datetime | None = None
    keywords: Sequence[str] = ()
    break_through: bool = False
    do_not_disturb: DoNotDisturb = DoNotDisturb()


def decide(prefs: ChatPreferences, *, text: str, mentioned: bool, now: datetime) -> Reason:
    """Why the person is, or is not, notified of a message with this `text`.

    Only a mention (or @all) breaks through a muted chat or do not disturb, and only for people
    with `break_through`; a keyword does not. Nothing breaks through the level `none`.
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
    """Whether the text contains one of the keywords as whole words, ignoring case.

    Where a keyword begins or ends with a character of an unspaced script, no word needs to begin or
    end: 会議 is found in 開発会議. It never ends before a combining mark.

    Reads the first `MAX_KEYWORD_TEXT` characters, in linear time whatever they are: this runs in
    the transaction that sends the message, for each member with a device.
    """
    if not keywords:
        return False
    wanted, searched = _keywords(tuple(keywords)), _text(text[:MAX_KEYWORD_TEXT])
    if not wanted.words.isdisjoint(searched.words):
        return True
    return any(
        phrase.words <= searched.words and phrase.marked in searched.marked
        for phrase in wanted.phrases
    )


def nfc(text: str) -> str:
    """`text` in Unicode's form NFC, in linear time. For comparing only: it can shorten the text.

    Keeps the first 30 of a row of combining characters (or other symbols), as the Stream-Safe Text
    Format does (UAX #15, section 13): normalizing a row of 100,000 takes 11 s.
    """
    return unicodedata.normalize("NFC", LONG_RUN.sub(r"\1", text))


class _Kinds(dict[int, str]):
    """The kind of each character, by its code point, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character).startswith("M"):
            kind = MARK
        elif UNSPACED.match(character):
            kind = "u"
        else:
            kind = "t" if character.isalnum() else "_" if character == "_" else " "
        if len(self) < MAX_KNOWN_KINDS:
            self[code] = kind
        return kind


_kinds = _Kinds()


class _Text:
    """A text, prepared for comparing it with many keywords."""

    def __init__(self, text: str) -> None:
        # Some keyboards type an accent as a separate character.
        self.folded = nfc(text).casefold()
        kinds = self.folded.translate(_kinds)
        kinds = MARKS_OF_UNSPACED.sub(lambda found: "v" * len(found[0]), kinds)
        kinds = EDGES.sub(lambda found: " " * len(found[0]), kinds.replace(MARK, "t"))
        self.kinds = kinds.replace("_", "t")
        self.words = frozenset(
            self.folded[found.start() : found.end()] for found in WORD.finditer(self.kinds)
        )

    @cached_property
    def marked(self) -> str:
        """The text with WORD_START wherever a keyword may begin and WORD_END wherever one may end.
        A marked text contains a marked keyword exactly where the keyword stands."""
        parts = []
        before = " "
        for character, kind in zip(self.folded, self.kinds, strict=True):
            parts.append(BETWEEN[before, kind])
            parts.append(character)
            before = kind
        return "".join([*parts, BETWEEN[before, " "]])


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
    phrases = [text for text in texts if not WORD.fullmatch(text.kinds)]
    return _Keywords(
        frozenset(text.folded for text in texts) - {t.folded for t in phrases}, phrases
    )
