"""Parses search queries, without database or clock.

    "release notes" -draft from:bob in:"Design team" has:link after:2026-01-31

All words and "phrases" must occur, except those after a dash, which must not; a word that begins
with two dashes (`--no-verify`) is searched for. `from:` and `in:` may be repeated and then mean any
of the names. An unknown `has:` is refused; anything else that looks like a filter but is not one is
a plain word.

`static/search/language.js` reads dates by the same rules; tests/chats/search/queries.json holds
both to them.
"""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from apps.chats.queries.named_days import PATTERN as NAMED_DAYS
from apps.chats.queries.named_days import days_of
from apps.core.errors import Invalid
from apps.core.local_time import instant_of

MIN_LENGTH = 2
MAX_LENGTH = 500
MAX_TERMS = 30
HAS = frozenset({"link", "code", "file", "image", "video", "audio", "voice", "document"})
DATES = frozenset({"before", "after", "on"})
QUOTED = r'["“”„][^"“”„]*(?:["“”„]|$)'
# A blank may follow the colon of a filter if what comes next can be its value, and a day may have
# two words.
LOOSE = re.compile(
    rf"""(?P<quoted>{QUOTED})|(?<!\S)(?:
    (?P<name>(?:from|in):)\s+(?=["“”„]|[^\s:"“”„]+(?!\S))
    |(?P<has>has:)\s+(?=(?:{"|".join(sorted(HAS))})(?!\S))
    |(?P<key>(?:before|after|on):)\s*(?P<day>[0-9]{{4}}-[0-9-]*|{NAMED_DAYS})(?!\S))""",
    re.VERBOSE | re.IGNORECASE,
)
# An unclosed quotation mark extends to the end.
PART = re.compile(
    r"""(?P<dash>-(?!-))?
    (?:(?P<key>[a-z]+):(?=\S))?
    (?:["“”„](?P<quoted>[^"“”„]*)(?:["“”„]|$)|(?P<plain>[^\s"“”„]+))""",
    re.VERBOSE | re.IGNORECASE,
)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST, LATEST = date(1970, 1, 2), date(9998, 12, 31)


class Term(Struct, frozen=True):
    """A word, or a phrase (`quoted`), that must occur or (`negated`) must not."""

    text: str
    quoted: bool = False
    negated: bool = False


class Query(Struct, frozen=True):
    """A parsed query. `since` is the first day, `until` the day after the last."""

    terms: tuple[Term, ...] = ()
    senders: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    has: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    @property
    def words(self) -> str:
        """The plain words, for searching people and chats by name."""
        return " ".join(term.text for term in self.terms if not term.negated)


def parse(text: str, today: date) -> Query:
    """Parse a query. Raises Invalid when it is too short or too long, and for invalid dates.

    `today` is the asker's day.
    """
    text = LOOSE.sub(_strict, _checked(text))
    terms: list[Term] = []
    filters: dict[str, list[str]] = {"from": [], "in": [], "has": []}
    since, until = date.min, date.max
    for part in PART.finditer(text):
        key, quoted = (part["key"] or "").lower(), part["quoted"] is not None
        value = (part["quoted"] if quoted else part["plain"]).strip()
        if key == "has" and not part["dash"] and value.lower() not in HAS:
            raise _invalid(f"“has:” finds one of {', '.join(sorted(HAS))}.")
        if part["dash"] or not _is_filter(key, value):
            whole = value if not key else f"{part['key']}:{value}"
            terms.append(Term(whole, quoted or bool(key), bool(part["dash"])))
        elif key in DATES:
            first, end = _days(key, value, today)
            since, until = max(since, first), min(until, end)
        else:
            filters[key].append(value.lower() if key == "has" else value)
    terms = [term for term in terms if term.text]
    if len(terms) + sum(map(len, filters.values())) > MAX_TERMS:
        raise _invalid(f"Search for at most {MAX_TERMS} words at once.")
    return Query(
        terms=tuple(terms),
        senders=tuple(filters["from"]),
        chats=tuple(filters["in"]),
        has=frozenset(filters["has"]),
        since=None if since == date.min else since,
        until=None if until == date.max else until,
    )


def moment(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The start of a day in a time zone, in UTC."""
    return None if day is None else instant_of(day, time.min, zone)


def _checked(text: str) -> str:
    text = text.strip()
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise _invalid(f"Type {MIN_LENGTH} to {MAX_LENGTH} characters.")
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise _invalid("Remove characters that cannot be stored.")
    return text


def _is_filter(key: str, value: str) -> bool:
    if key == "has":
        return value.lower() in HAS
    return bool(value) and (key in ("from", "in") or key in DATES)


def _strict(found: re.Match[str]) -> str:
    """The part without a blank after its colon, and with a day in quotation marks."""
    if found["key"]:
        return f'{found["key"]}"{found["day"]}"'
    return found["name"] or found["has"] or found[0]


def _days(key: str, value: str, today: date) -> tuple[date, date]:
    """The first day and the day after the last. `before` and `after` exclude the day itself."""
    first, following = days_of(value, today) or _day(value)
    return {"before": (date.min, first), "after": (following, date.max), "on": (first, following)}[
        key
    ]


def _day(value: str) -> tuple[date, date]:
    try:
        day = date.fromisoformat(value) if ISO_DATE.fullmatch(value) else date.min
    except ValueError:
        day = date.min
    if not EARLIEST <= day <= LATEST:
        raise _invalid(
            f"“{value}” is not a valid date. Use 2026-11-30, or yesterday, or last week."
        )
    return day, day + timedelta(days=1)


def _invalid(reason: str) -> Invalid:
    return Invalid(reason, pointer="#/q", reason=reason)
