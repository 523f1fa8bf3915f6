"""Search in PostgreSQL: a tsvector for each message (`chats.models.searchable`) and a GIN index.

Sorting all matches of a common word takes seconds, so nothing does. Matches are gathered from the
newest week backwards, in steps that grow, until a window is full; only the window is ranked. The
week is a lexeme like the words are, so the index itself leaves the other weeks out; so are a part
of the chat's id and of the sender's.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from msgspec import Struct
from psycopg.errors import QueryCanceled

from apps.chats.gateways.search.backend import SearchCursor, SearchRequest, SearchResult, SortKey
from apps.chats.gateways.search.indexer import catch_up
from apps.chats.gateways.search.tsquery import CompiledQuery, compile_terms
from apps.chats.gateways.search.weeks import WEEK, Span, spans, week_of
from apps.core.errors import RateLimited, Refused

WINDOW_SIZE = 200
# Of 256 parts of the chats: naming more of them in a query saves nothing.
MAX_CHAT_PARTS = 48
# A match from two months ago counts half as much as one from now.
SCORE_HALF_LIFE_S = 60 * 86400
# One search may take so long. Words that stand in every message, or forms of many words over a
# long history, would otherwise keep the connections of a whole process.
SEARCH_TIMEOUT_S = 3.0
# In a search's transaction: a limit for each of its statements; no parallel workers, which would
# run ahead of a full window, where the steps end; and whether no other search of the same person
# is under way on any server. The first number keeps these locks apart from others.
BEGIN = """
SELECT set_config('statement_timeout', %s, true),
    set_config('max_parallel_workers_per_gather', '0', true),
    pg_try_advisory_xact_lock(7201, hashtext(%s))
"""

# How old the oldest message of these chats is; one look into an index a chat (message_moments).
FIRST = """
SELECT min(m.created_at) FROM unnest(%s::uuid[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT created_at FROM chats_message WHERE chat_id = c.id ORDER BY created_at LIMIT 1) m
"""

# Membership is read in the same statement that reads the messages.
STEP = """
SELECT found.chat_id, found.seq, found.created_at,
    (0.1 + ts_rank(found.search, %(ranked)s::tsquery, 1))
        / (1 + greatest(0, extract(epoch FROM %(now)s - found.created_at)) / %(halved)s)
FROM (
    SELECT m.chat_id, m.seq, m.created_at, m.search
    FROM chats_searchable m
    JOIN chats_member x ON x.chat_id = m.chat_id AND x.user_id = %(asker)s AND x.left_rev IS NULL
    WHERE true
"""
ORDER = " ORDER BY m.created_at DESC, m.chat_id DESC, m.seq DESC LIMIT %(limit)s) found"
MATCHING = " AND m.search @@ %(indexed)s::tsquery"
ENDING = " AND m.created_at < %(end)s"
FORM = """
AND (m.search @@ %(form{0})s::tsquery
    OR parley_has_form(m.search, %(start{0})s, %(stem{0})s, %(dictionary)s::regdictionary))"""
CHATS = " AND m.chat_id = ANY(%(chats)s)"
SENDERS = " AND m.sender_id = ANY(%(senders)s)"
SINCE = " AND m.created_at >= %(since)s"
UNTIL = " AND m.created_at < %(until)s"
BELOW = " AND (m.created_at, m.chat_id, m.seq) < (%(top_at)s, %(top_chat)s, %(top_seq)s)"
DOWN_TO = """
AND (m.created_at, m.chat_id, m.seq) >= (%(bottom_at)s, %(bottom_chat)s, %(bottom_seq)s)"""


class Row(Struct, frozen=True):
    """A match and how well it fits."""

    spot: SortKey
    score: float

    @property
    def rank(self) -> tuple[float, SortKey]:
        """Greater is better; of equals the newer one."""
        return self.score, self.spot


class Postgres:
    """The backend that is always there."""

    def find(self, wanted: SearchRequest, place: SearchCursor, *, limit: int) -> SearchResult:
        """See SearchBackend. Raises RateLimited while the asker's last search goes on, and
        SearchTimedOut."""
        catch_up(wanted.chats)
        try:
            return _find(wanted, place, limit)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise SearchTimedOut from None
            raise


@transaction.atomic
def _find(wanted: SearchRequest, place: SearchCursor, limit: int) -> SearchResult:
    rows: list[Row] = []
    following: SearchCursor | None = place
    query = compile_terms(wanted.terms, wanted.language)
    if _nothing(wanted, query):
        return SearchResult([], query.matches, None)
    _begin(wanted.asker)
    deadline = time.monotonic() + SEARCH_TIMEOUT_S
    while not rows and following is not None:
        rows, following = _page(wanted, query, place=following, limit=limit, deadline=deadline)
    return SearchResult([row.spot[1:] for row in rows], query.matches, following)


class SearchTimedOut(Refused):
    """A search that PostgreSQL would be busy with for too long."""

    code = "not_possible"
    status = 409
    detail = "This search takes too long. Add a word, a chat, a person or a date."


def _begin(asker: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [f"{SEARCH_TIMEOUT_S * 1000:.0f}ms", str(asker)])
        [_, _, alone] = cursor.fetchone()
    if not alone:
        raise RateLimited(retry_after=1)


def _nothing(wanted: SearchRequest, query: CompiledQuery) -> bool:
    """Whether nothing can match: no chat, nobody, or terms without a letter or digit."""
    if not wanted.chats or (wanted.senders is not None and not wanted.senders):
        return True
    narrowed = wanted.senders or wanted.has or wanted.since or wanted.until
    return bool(wanted.terms) and not query.index and not narrowed


def _page(
    wanted: SearchRequest, query: CompiledQuery, *, place: SearchCursor, limit: int, deadline: float
) -> tuple[list[Row], SearchCursor | None]:
    window = _window(wanted, query, place, deadline)
    bottom = place.bottom
    if bottom is None and len(window) > WINDOW_SIZE:
        window = window[:WINDOW_SIZE]
        bottom = window[-1].spot
    ranked = sorted(window, key=lambda row: row.rank, reverse=True)
    if (last := place.last) is not None:
        ranked = [row for row in ranked if row.rank < last]
    page = ranked[:limit]
    if len(ranked) > limit:
        return page, SearchCursor(place.asked_at, place.top, bottom, page[-1].rank)
    return page, None if bottom is None else SearchCursor(place.asked_at, bottom)


def _window(
    wanted: SearchRequest, query: CompiledQuery, place: SearchCursor, deadline: float
) -> list[Row]:
    """Matches below the window's top, newest first: down to its bottom or, where that is not yet
    known, one more than a window holds."""
    most = WINDOW_SIZE + 1 if place.bottom is None else 10 * WINDOW_SIZE
    conditions, values = _conditions(wanted, query, place)
    always = [*query.index, *_marks(wanted)]
    rows: list[Row] = []
    for span in _spans(wanted, place):
        indexed = " & ".join([*always, span.mark] if span.mark else always)
        tail = (MATCHING if indexed else "") + (ENDING if span.end else "") + conditions + ORDER
        with connection.cursor() as cursor:
            if time.monotonic() > deadline:
                raise SearchTimedOut
            cursor.execute(
                STEP + tail,
                {**values, "indexed": indexed, "end": span.end, "limit": most - len(rows)},
            )
            found = cursor.fetchall()
        rows += [Row((at, chat, seq), score) for chat, seq, at, score in found]
        if len(rows) >= most:
            break
    return rows


def _spans(wanted: SearchRequest, place: SearchCursor) -> Iterator[Span]:
    """The weeks to look through. The database's clock may be ahead of ours."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [[*wanted.chats]])
        [first] = cursor.fetchone()
    if first is None:
        return iter(())
    now = timezone.now() + timedelta(seconds=WEEK)
    newest = min(end for end in (place.top and place.top[0], wanted.until, now) if end)
    ends = [first, wanted.since, place.bottom[0] if place.bottom else None]
    return spans(
        week_of(newest),
        max(week_of(end) for end in ends if end),
        filled=week_of(now) - week_of(first) + 1,
    )


def _marks(wanted: SearchRequest) -> list[str]:
    """Lexemes that narrow down inside the index what `_conditions` decides."""
    marks = [f"'={kind}'" for kind in sorted(wanted.has)]
    chats = {str(chat)[-2:] for chat in wanted.chats}
    if wanted.senders is not None:
        # What one person wrote is little: naming the chats, too, costs more than it leaves out.
        marks.append(_any(f"'=s{str(sender)[-3:]}'" for sender in wanted.senders))
    elif len(chats) <= MAX_CHAT_PARTS:
        marks.append(_any(f"'=c{part}'" for part in chats))
    return marks


def _conditions(
    wanted: SearchRequest, query: CompiledQuery, place: SearchCursor
) -> tuple[str, dict[str, Any]]:
    """What has to hold of each match, and all values a step takes."""
    tail = "".join(FORM.format(n) for n in range(len(query.forms)))
    values: dict[str, Any] = {
        "asker": wanted.asker,
        "ranked": query.ranked,
        "dictionary": query.matches.dictionary,
        "now": place.asked_at,
        "halved": SCORE_HALF_LIFE_S,
    }
    for n, form in enumerate(query.forms):
        values |= {f"form{n}": form.exact, f"start{n}": form.start, f"stem{n}": form.stem}
    if wanted.narrowed:
        tail, values["chats"] = tail + CHATS, [*wanted.chats]
    if wanted.senders is not None:
        tail, values["senders"] = tail + SENDERS, [*wanted.senders]
    if wanted.since is not None:
        tail, values["since"] = tail + SINCE, wanted.since
    if wanted.until is not None:
        tail, values["until"] = tail + UNTIL, wanted.until
    if place.top is not None:
        tail, values = tail + BELOW, values | _spot("top", place.top)
    if place.bottom is not None:
        tail, values = tail + DOWN_TO, values | _spot("bottom", place.bottom)
    return tail, values


def _spot(name: str, spot: SortKey) -> dict[str, Any]:
    return dict(zip((f"{name}_at", f"{name}_chat", f"{name}_seq"), spot, strict=True))


def _any(lexemes: Iterable[str]) -> str:
    return "(" + " | ".join(sorted(set(lexemes))) + ")"
