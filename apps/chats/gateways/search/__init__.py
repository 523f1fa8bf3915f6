"""Message search, independent of the backend."""

from contextlib import suppress
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from msgspec import Struct

from apps.accounts.models import User
from apps.chats.gateways.search.backend import SearchBackend, SearchCursor, SearchRequest
from apps.chats.gateways.search.excerpts import search_hits
from apps.chats.gateways.search.postgres import Postgres
from apps.chats.queries import search
from apps.chats.queries.search_language import Query, moment
from apps.core.local_time import zone_named
from apps.wire import bodies

BACKEND: SearchBackend = Postgres()


class Page(Struct, frozen=True):
    """Messages, best first, and the cursor of the next page, if there is one."""

    hits: list[bodies.SearchHit]
    next: SearchCursor | None


def search_messages(
    asker: User,
    query: Query,
    start: SearchCursor,
    *,
    in_chat: UUID | None,
    limit: int,
    zone: ZoneInfo | None = None,
) -> Page:
    """Messages in the asker's chats, or in one of them (`in_chat`), that match the query, whose
    days are those of `zone`."""
    if query == Query():
        return Page([], None)
    found = BACKEND.find(search_request(asker, query, in_chat, zone), start, limit=limit)
    hits = search.hits(asker.id, found.places, found.matches)
    return Page(search_hits(hits, found.matches), found.next)


def search_request(
    asker: User, query: Query, in_chat: UUID | None, zone: ZoneInfo | None = None
) -> SearchRequest:
    """The query with names resolved to ids and days to times, for this asker."""
    if in_chat is not None and not query.chats:
        # Whether the asker is in it is decided where its messages are read.
        chats = [in_chat]
    else:
        chats = search.chats_to_search(asker.id, query.chats)
        chats = [chat for chat in chats if in_chat in (None, chat)]
    zone = zone or zone_of(asker)
    return SearchRequest(
        asker=asker.id,
        chats=chats,
        narrowed=bool(query.chats) or in_chat is not None,
        terms=query.terms,
        senders=search.senders(asker.id, query.senders) if query.senders else None,
        has=query.has,
        since=moment(query.since, zone),
        until=moment(query.until, zone),
        language=asker.locale,
    )


def zone_of(asker: User, device_zone: str = "") -> ZoneInfo:
    """The zone whose days this person means and sees: the one they have chosen, or that of their
    device; if that is unknown, the one a device told last."""
    if not asker.has_chosen_zone and device_zone:
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(device_zone)
    return zone_named(asker.time_zone)


def today_in(zone: ZoneInfo) -> date:
    """The day it is there."""
    return timezone.now().astimezone(zone).date()
