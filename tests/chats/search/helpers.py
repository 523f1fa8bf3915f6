"""Helpers to search in tests."""

from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions import link_index
from apps.chats.gateways.search import search_messages, today_in, zone_of
from apps.chats.gateways.search.backend import SearchCursor
from apps.chats.queries.search import chats_to_search
from apps.chats.queries.search_language import parse
from apps.wire import bodies


def hits(asker: User, text: str, in_chat: UUID | None = None) -> list[bodies.SearchHit]:
    """All hits, best first, from all pages."""
    found, place = [], SearchCursor(timezone.now())
    query = parse(text, today_in(zone_of(asker)))
    if "link" in query.has:
        link_index.catch_up(chats_to_search(asker.id, ()))
    while place is not None:
        page = search_messages(asker, query, place, in_chat=in_chat, limit=20)
        found += page.hits
        place = page.next
    return found


def texts(asker: User, text: str, in_chat: UUID | None = None) -> list[str]:
    """The texts of all hits."""
    return [hit.message.text for hit in hits(asker, text, in_chat)]


def marked(hit: bodies.SearchHit) -> list[str]:
    """The highlighted parts of the excerpt, sliced by UTF-16 units as a browser does."""
    units = hit.excerpt.encode("utf-16-le")
    return [units[2 * part.start : 2 * part.end].decode("utf-16-le") for part in hit.highlights]
