"""The seam between the product and whatever looks messages up.

A backend proposes places in chats, best first. It may be behind, and it is not trusted with access:
`chats.queries.search.hits` shows only what is still there and the asker may see at that moment.
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
    """What to look for.

    `chats` are those to look in: all of the asker's, or (`narrowed`) some of them. `senders` are
    who may have written it, None for anybody. `since` (inclusive) and `until` bound the time of
    sending. `language` is the asker's ("de"), for other forms of the words.
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
    """Where the next page begins.

    Hits are ranked within windows, from the newest on: a window reaches from below `top` down to
    `bottom` (included), and `last` is the (score, place) that was shown last of it. `asked_at`
    keeps the ages of messages, and so the scores, the same on all pages.
    """

    asked_at: datetime
    top: SortKey | None = None
    bottom: SortKey | None = None
    last: tuple[float, SortKey] | None = None


class SearchResult(Struct, frozen=True):
    """A page: (chat, seq), best first, and the place of the next page if there is one."""

    places: list[tuple[UUID, int]]
    matches: Matches
    next: SearchCursor | None


class SearchBackend(Protocol):
    """Looks messages up."""

    def find(self, wanted: SearchRequest, place: SearchCursor, *, limit: int) -> SearchResult:
        """Up to `limit` places from `place` on; an answer may hold fewer though more follow."""
        ...
