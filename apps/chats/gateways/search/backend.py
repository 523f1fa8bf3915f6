"""The interface of search backends.

A backend returns matching messages as (chat, seq), best first. Its index may be out of date, and
it is not trusted to check access: `chats.queries.search.hits` returns only messages that still
exist and that the asker may see at that moment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from apps.chats.queries.search import Matches
from apps.chats.queries.search_language import Term

SortKey = tuple[datetime, UUID, int]


class SearchRequest(Struct, frozen=True, kw_only=True):
    """A resolved query.

    `chats` are the chats to search: all of the asker's, or (`narrowed`) some of them. `senders` are
    the possible authors, None for anyone. `since` (inclusive) and `until` limit the sending time.
    `language` is the asker's ("de"), for inflected forms of the words.
    """

    asker: UUID
    chats: Sequence[UUID]
    narrowed: bool = False
    terms: Sequence[Term]
    senders: Sequence[UUID] | None = None
    has: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    language: str = ""


class SearchCursor(Struct, frozen=True, array_like=True):
    """The start of the next page.

    Hits are ranked within windows of time, newest window first: a window covers everything below
    `top` down to `bottom` (included), and `last` is the (score, sort key) of the last hit returned
    from it. `asked_at` keeps the ages of messages, and so the scores, equal on all pages.
    """

    asked_at: datetime
    top: SortKey | None = None
    bottom: SortKey | None = None
    last: tuple[float, SortKey] | None = None


class SearchResult(Struct, frozen=True):
    """A page of (chat, seq), best first, and the cursor of the next page, if there is one."""

    places: list[tuple[UUID, int]]
    matches: Matches
    next: SearchCursor | None


class SearchBackend(Protocol):
    """Finds messages."""

    def find(self, request: SearchRequest, start: SearchCursor, *, limit: int) -> SearchResult:
        """Up to `limit` messages from `start` on. A page may be shorter although more follow."""
        ...
