"""Search in PostgreSQL: a tsvector per message (`chats.models.searchable`) and a GIN index.

Sorting all matches of a common word takes seconds, so matches are collected from the newest week
backwards, in growing steps, until a window is full; only the window is ranked. The week is a lexeme
of the message, like its words, so the index itself excludes other weeks. So are a part of the
chat's id and of the sender's.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from msgspec import Struct
from psycopg.errors import QueryCanceled

from apps.chats.gateways.search.backend import SearchCursor, SearchRequest, SearchResult, SortKey
from apps.chats.gateways.search.indexer import catch_up
from apps.chats.gateways.search.tsquery import CompiledQuery, compile_terms
from apps.chats.gateways.search.weeks import WEEK, Span, spans, week_of
from apps.core.errors import RateLimited, Refused
from apps.core.reads import Read, read

logger = logging.getLogger(__name__)

WINDOW_SIZE = 200
# The chats' ids have 256 different parts. Listing more of them in a query saves nothing.
MAX_CHAT_PARTS = 48
# A match from two months ago scores half as much as one from now.
SCORE_HALF_LIFE_S = 60 * 86400
# Without a limit, words that are in every message, or inflected forms over a long history, would
# occupy all connections of a process.
SEARCH_TIMEOUT_S = 3.0
# Sets up a search's transaction: a timeout for each statement, and no parallel workers, which would
# read on after the window is full. Returns whether this is the person's only search on any server;
# 7201 separates these advisory locks from others.
BEGIN = """
SELECT set_config('statement_timeout', %s, true),
    set_config('max_parallel_workers_per_gather', '0', true),
    pg_try_advisory_xact_lock(7201, hashtext(%s))
"""

# The time of the oldest message of these chats: one index lookup per chat (message_moments).
FIRST = """
SELECT min(m.created_at) FROM unnest(%s::uuid[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT created_at FROM chats_message WHERE chat_id = c.id ORDER BY created_at LIMIT 1) m
"""

# Checks membership in the statement that reads the messages.
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
# The lexeme `=link` also marks addresses in code.
LINKED = """
AND EXISTS (SELECT FROM chats_messagelink l WHERE l.chat_id = m.chat_id AND l.seq = m.seq)"""
CHATS = " AND m.chat_id = ANY(%(chats)s)"
SENDERS = " AND m.sender_id = ANY(%(senders)s)"
SINCE = " AND m.created_at >= %(since)s"
UNTIL = " AND m.created_at < %(until)s"
BELOW = " AND (m.created_at, m.chat_id, m.seq) < (%(top_at)s, %(top_chat)s, %(top_seq)s)"
DOWN_TO = """
AND (m.created_at, m.chat_id, m.seq) >= (%(bottom_at)s, %(bottom_chat)s, %(bottom_seq)s)"""


class Row(Struct, frozen=True):
    """A match with its score."""

    key: SortKey
    score: float

    @property
    def rank(self) -> tuple[float, SortKey]:
        """Greater is better; of equal scores, newer is better."""
        return self.score, self.key


class _Window(Struct, frozen=True):
    """A window to be read. `first`: the time of the oldest message. `deadline`: of
    `time.monotonic`."""

    request: SearchRequest
    query: CompiledQuery
    start: SearchCursor
    first: datetime | None
    deadline: float


class Postgres:
    """The built-in backend."""

    def find(self, request: SearchRequest, start: SearchCursor, *, limit: int) -> SearchResult:
        """See SearchBackend. Raises RateLimited while another search of the asker is running, and
        SearchTimedOut."""
        try:
            catch_up(request.chats)
        except OperationalError:
            logger.exception("A search finds only what is indexed")
        try:
            return _find(request, start, limit)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise SearchTimedOut from None
            raise


@transaction.atomic
def _find(request: SearchRequest, start: SearchCursor, limit: int) -> SearchResult:
    rows: list[Row] = []
    following: SearchCursor | None = start
    query = compile_terms(request.terms, request.language)
    if _nothing(request, query):
        return SearchResult([], query.matches, None)
    first = _begin(request)
    deadline = time.monotonic() + SEARCH_TIMEOUT_S
    while not rows and following is not None:
        window = _Window(request, query, following, first, deadline)
        rows, following = _page(window, limit)
    return SearchResult([row.key[1:] for row in rows], query.matches, following)


class SearchTimedOut(Refused):
    """The search exceeded SEARCH_TIMEOUT_S."""

    code = "not_possible"
    status = 409
    detail = "This search takes too long. Add a word, a chat, a person or a date."


def _begin(request: SearchRequest) -> datetime | None:
    """Set up the transaction. Returns the time of the oldest message, in the same round trip."""
    timeout = f"{SEARCH_TIMEOUT_S * 1000:.0f}ms"
    setup = Read(BEGIN, [timeout, str(request.asker)], lambda rows: rows[0])
    first = Read(FIRST, [[*request.chats]], lambda rows: rows[0][0])
    read(setup, first)
    [_, _, alone] = setup.result
    if not alone:
        raise RateLimited(retry_after=1)
    oldest: datetime | None = first.result
    return oldest


def _nothing(request: SearchRequest, query: CompiledQuery) -> bool:
    """Whether nothing can match: no chats, no senders, or only terms without letters or digits."""
    if not request.chats or (request.senders is not None and not request.senders):
        return True
    narrowed = request.senders or request.has or request.since or request.until
    return bool(request.terms) and not query.index and not narrowed


def _page(asked: _Window, limit: int) -> tuple[list[Row], SearchCursor | None]:
    start = asked.start
    window = _rows(asked)
    bottom = start.bottom
    if bottom is None and len(window) > WINDOW_SIZE:
        window = window[:WINDOW_SIZE]
        bottom = window[-1].key
    ranked = sorted(window, key=lambda row: row.rank, reverse=True)
    if (last := start.last) is not None:
        ranked = [row for row in ranked if row.rank < last]
    page = ranked[:limit]
    if len(ranked) > limit:
        return page, SearchCursor(start.asked_at, start.top, bottom, page[-1].rank)
    return page, None if bottom is None else SearchCursor(start.asked_at, bottom)


def _rows(asked: _Window) -> list[Row]:
    """Matches below the window's top, newest first: down to its bottom or, if that is not known
    yet, one more than a window holds."""
    request, query, start = asked.request, asked.query, asked.start
    max_rows = WINDOW_SIZE + 1 if start.bottom is None else 10 * WINDOW_SIZE
    conditions, values = _conditions(request, query, start)
    always = [*query.index, *_narrowing_lexemes(request)]
    rows: list[Row] = []
    for span in _spans(asked):
        indexed = " & ".join([*always, span.lexemes] if span.lexemes else always)
        tail = (MATCHING if indexed else "") + (ENDING if span.end else "") + conditions + ORDER
        with connection.cursor() as cursor:
            if time.monotonic() > asked.deadline:
                raise SearchTimedOut
            cursor.execute(
                STEP + tail,
                {**values, "indexed": indexed, "end": span.end, "limit": max_rows - len(rows)},
            )
            found = cursor.fetchall()
        rows += [Row((at, chat, seq), score) for chat, seq, at, score in found]
        if len(rows) >= max_rows:
            break
    return rows


def _spans(asked: _Window) -> Iterator[Span]:
    """The weeks to search, up to one in the future: the database's clock may be ahead of ours."""
    request, start, first = asked.request, asked.start, asked.first
    if first is None:
        return iter(())
    now = timezone.now() + timedelta(seconds=WEEK)
    newest = min(end for end in (start.top and start.top[0], request.until, now) if end)
    ends = [first, request.since, start.bottom[0] if start.bottom else None]
    return spans(
        week_of(newest),
        max(week_of(end) for end in ends if end),
        filled=week_of(now) - week_of(first) + 1,
    )


def _narrowing_lexemes(request: SearchRequest) -> list[str]:
    """Lexemes by which the index itself excludes most of what `_conditions` would exclude."""
    lexemes = [f"'={kind}'" for kind in sorted(request.has)]
    chats = {str(chat)[-2:] for chat in request.chats}
    if request.senders is not None:
        # One person's messages are few: adding the chats costs more than it excludes.
        lexemes.append(_any(f"'=s{str(sender)[-3:]}'" for sender in request.senders))
    elif len(chats) <= MAX_CHAT_PARTS:
        lexemes.append(_any(f"'=c{part}'" for part in chats))
    return lexemes


def _conditions(
    request: SearchRequest, query: CompiledQuery, start: SearchCursor
) -> tuple[str, dict[str, Any]]:
    """The SQL conditions for matches, and all parameters of a step."""
    tail = "".join(FORM.format(n) for n in range(len(query.forms)))
    values: dict[str, Any] = {
        "asker": request.asker,
        "ranked": query.ranked,
        "dictionary": query.matches.dictionary,
        "now": start.asked_at,
        "halved": SCORE_HALF_LIFE_S,
    }
    for n, form in enumerate(query.forms):
        values |= {f"form{n}": form.exact, f"start{n}": form.start, f"stem{n}": form.stem}
    if "link" in request.has:
        tail += LINKED
    if request.narrowed:
        tail, values["chats"] = tail + CHATS, [*request.chats]
    if request.senders is not None:
        tail, values["senders"] = tail + SENDERS, [*request.senders]
    if request.since is not None:
        tail, values["since"] = tail + SINCE, request.since
    if request.until is not None:
        tail, values["until"] = tail + UNTIL, request.until
    if start.top is not None:
        tail, values = tail + BELOW, values | _sort_key_values("top", start.top)
    if start.bottom is not None:
        tail, values = tail + DOWN_TO, values | _sort_key_values("bottom", start.bottom)
    return tail, values


def _sort_key_values(name: str, key: SortKey) -> dict[str, Any]:
    return dict(zip((f"{name}_at", f"{name}_chat", f"{name}_seq"), key, strict=True))


def _any(lexemes: Iterable[str]) -> str:
    return "(" + " | ".join(sorted(set(lexemes))) + ")"
