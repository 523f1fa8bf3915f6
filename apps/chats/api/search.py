"""API of search."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal, TypeVar, cast
from uuid import UUID

import msgspec
from django.utils import timezone
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.chats.actions.link_index import catch_up as catch_up_links
from apps.chats.gateways.search import search_messages, today_in, zone_of
from apps.chats.gateways.search.backend import SearchCursor
from apps.chats.queries import search
from apps.chats.queries.access import get_membership
from apps.chats.queries.search import chats_to_search
from apps.chats.queries.search_language import Query, parse
from apps.contacts.queries import people
from apps.contacts.queries.people import FoundPerson
from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import Invalid, NotFound
from apps.core.limits import SEARCHES, check
from apps.wire import bodies
from apps.wire.http import Cursor, Input, decode_query
from apps.wire.openapi import operation

PAGE = 20
T = TypeVar("T")


class SearchQuery(Input, frozen=True):
    """A search: its text, kind, and optionally one chat."""

    q: Annotated[str, Meta(description="2 to 500 characters; docs/search.md says what they mean.")]
    kind: Literal["people", "chats", "messages"]
    cursor: Cursor = ""
    tz: Annotated[
        str,
        Meta(max_length=64, description="The device's zone, for days, until a person chooses one."),
    ] = ""
    in_chat: Annotated[UUID | None, Meta(description="Messages of this chat only.")] = None


class SearchPage(msgspec.Struct, kw_only=True):
    """A page of the requested kind, best first; the other two lists are empty. A page may have
    fewer than twenty items although another page follows: `next` is its cursor."""

    people: list[FoundPerson] = []
    chats: list[bodies.Chat] = []
    messages: list[bodies.SearchHit] = []
    next: str | None = None


class Search(APIView):
    """`/search`"""

    @operation(
        "search",
        "Find people, chats or messages",
        query=SearchQuery,
        returns=SearchPage,
        errors=(NotFound,),
        limits=(SEARCHES,),
    )
    def get(self, request: Request) -> Response:
        """Returns only what the person may see at this moment."""
        asked = decode_query(request, SearchQuery)
        person = person_id(request)
        check(SEARCHES, person)
        if asked.kind == "messages":
            return Response(_messages(cast(User, request.user), asked))
        # Their names have no days.
        query = parse(asked.q, timezone.now().date())
        if asked.kind == "people":
            return Response(_people(person, query, asked.cursor))
        return Response(_chats(person, query, asked))


def _people(person: UUID, query: Query, cursor: str) -> SearchPage:
    if not people.MIN_QUERY_LENGTH <= len(query.words) <= people.MAX_QUERY_LENGTH:
        return SearchPage()
    page = people.find(person, query.words, cursor or None)
    return SearchPage(people=page.items, next=page.next)


def _chats(person: UUID, query: Query, asked: SearchQuery) -> SearchPage:
    place = _place(asked, tuple[int, datetime, UUID])
    found, following = search.chats(person, query.words, after=place, limit=PAGE)
    return SearchPage(chats=found, next=_cursor(asked, following))


def _messages(asker: User, asked: SearchQuery) -> SearchPage:
    person = asker.id
    zone = zone_of(asker, asked.tz)
    query = parse(asked.q, today_in(zone))
    if asked.in_chat is not None:
        get_membership(person, asked.in_chat)
    if "link" in query.has:
        catch_up_links(chats_to_search(person, query.chats))
    place = _place(asked, SearchCursor) or SearchCursor(timezone.now())
    page = search_messages(asker, query, place, zone=zone, in_chat=asked.in_chat, limit=PAGE)
    return SearchPage(messages=page.hits, next=_cursor(asked, page.next))


def _cursor(asked: SearchQuery, place: object) -> str | None:
    return None if place is None else cursors.encode((_digest(asked), place))


def _place(asked: SearchQuery, kind: type[T]) -> T | None:
    """The place in the cursor. Raises Invalid for a cursor of another search."""
    if not asked.cursor:
        return None
    digest, place = cursors.decode(asked.cursor, tuple[str, msgspec.Raw])
    if digest != _digest(asked):
        raise Invalid("This cursor belongs to another search.", pointer="#/cursor")
    return msgspec.json.decode(place, type=kind)


def _digest(asked: SearchQuery) -> str:
    whole = msgspec.json.encode((asked.kind, asked.q, asked.in_chat))
    return hashlib.blake2b(whole, digest_size=12).hexdigest()
