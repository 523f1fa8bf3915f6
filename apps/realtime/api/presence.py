"""Presence over the API, for clients without a live connection."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import Invalid
from apps.realtime.presence.lookup import presence_for
from apps.wire import bodies
from apps.wire.http import Input, decode_query
from apps.wire.openapi import operation

MAX_PEOPLE = 100


class PresenceQuery(Input, frozen=True):
    """`person`: 1 to 100 ids, separated by commas."""

    person: Annotated[str, Meta(min_length=32, max_length=MAX_PEOPLE * 37)]


class PresenceList(Struct, frozen=True):
    """Those of the people who are my contacts."""

    items: list[bodies.Presence]


class PresenceView(APIView):
    """`/presence`"""

    @operation("getPresence", "Who is online", query=PresenceQuery, returns=PresenceList)
    def get(self, request: Request) -> Response:
        """At this moment. A live connection tells of changes, too, so ask seldom."""
        people = _ids(decode_query(request, PresenceQuery).person)
        return Response(PresenceList(presence_for(person_id(request), people)))


def _ids(text: str) -> list[UUID]:
    try:
        people = [UUID(each) for each in text.split(",")]
    except ValueError as error:
        raise Invalid("This is no list of ids.", pointer="#/person") from error
    if len(people) > MAX_PEOPLE:
        raise Invalid(f"Ask for at most {MAX_PEOPLE} people.", pointer="#/person")
    return people
