"""What people type into the search field, taken apart. Pure: knows no database and no clock.

    "release notes" -draft from:bob in:"Design team" has:link after:2026-01-31

Words and "phrases" must all be there, those after a dash must not. `from:` and `in:` may be given
several times and then mean any of them. Whatever looks like a filter and is none is plain words.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from apps.core.errors import Invalid

MIN_LENGTH = 2
MAX_LENGTH = 500
MAX_TERMS = 30
HAS = frozenset({"link", "code"})
DATES = frozenset({"before", "after", "on"})
# A quote that nobody closed reaches to the end.
PART = re.compile(
    r"""(?P<dash>-)?
    (?:(?P<key>[a-z]+):(?=\S))?
    (?:["“”„](?P<quoted>[^"“”„]*)(?:["“”„]|$)|(?P<plain>[^\s"“”„]+))""",
    re.VERBOSE | re.IGNORECASE,
)
EARLIEST, LATEST = date(1970, 1, 2), date(9998, 12, 31)


class Term(Struct, frozen=True):
    """A word, or words in exactly this order (`quoted`), to be there or (`negated`) not."""

    text: str
    quoted: bool = False
    negated: bool = False


class Query(Struct, frozen=True):
    """What is wanted. `since` and `until` bound the days: the first one, and the one after the
    last."""

    terms: tuple[Term, ...] = ()
    senders: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    has: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    @property
    def words(self) -> str:
        """The plain part, for searching people and chats by name."""
        return " ".join(term.text for term in self.terms if not term.negated)


def parse(text: str) -> Query:
    """The query in `text`. Raises Invalid when it is too short or too long, and for days that the
    calendar does not have."""
    text = _checked(text)
    terms: list[Term] = []
    filters: dict[str, list[str]] = {"from": [], "in": [], "has": []}
    since, until = date.min, date.max
    for part in PART.finditer(text):
        key, quoted = (part["key"] or "").lower(), part["quoted"] is not None
        value = (part["quoted"] if quoted else part["plain"]).strip()
        if part["dash"] or not _is_filter(key, value):
            whole = value if not key else f"{part['key']}:{value}"
            terms.append(Term(whole, quoted or bool(key), bool(part["dash"])))
        elif key in DATES:
            first, end = _days(key, value)
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


def moment(day: date | None, zone: tzinfo) -> datetime | None:
    """When a day begins for somebody in that time zone."""
    return None if day is None else datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _checked(text: str) -> str:
    text = text.strip()
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise _invalid(f"Type {MIN_LENGTH} to {MAX_LENGTH} characters.")
    if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise _invalid("Leave out characters that cannot be stored.")
    return text


def _is_filter(key: str, value: str) -> bool:
    if key == "has":
        return value.lower() in HAS
    return bool(value) and (key in ("from", "in") or key in DATES)


def _days(key: str, value: str) -> tuple[date, date]:
    """The first day and the day after the last. `before` and `after` leave the day itself out."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if not EARLIEST <= day <= LATEST:
        raise _invalid(f"“{value}” is no day. Write one like 2026-01-31.")
    following = day + timedelta(days=1)
    return {"before": (date.min, day), "after": (following, date.max), "on": (day, following)}[key]


def _invalid(reason: str) -> Invalid:
    return Invalid(reason, pointer="#/q", reason=reason)
