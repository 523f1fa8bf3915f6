"""Finding people over the API."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.contacts.queries import people
from apps.core.authentication import person_id
from apps.core.limits import PEOPLE_SEARCHES, check
from apps.wire.etags import tagged
from apps.wire.http import Input, decode_query
from apps.wire.openapi import operation


class PeopleQuery(Input, frozen=True):
    """`q`: 2 to 80 characters of a name or username. `cursor`: `next` of the page before."""

    q: str
    cursor: str | None = None


class PeopleView(APIView):
    """`/people`"""

    @operation(
        "findPeople",
        "Find people",
        query=PeopleQuery,
        returns=people.FoundPeople,
        limits=(PEOPLE_SEARCHES,),
    )
    def get(self, request: Request) -> Response:
        """By the beginning of a name or username, then by similarity. Never by e-mail."""
        asked = decode_query(request, PeopleQuery)
        check(PEOPLE_SEARCHES, request.user.pk)
        return Response(people.find(person_id(request), asked.q, asked.cursor))


class PersonView(APIView):
    """`/people/{person}`"""

    @operation("getPerson", "One person", returns=people.PersonDetails, etag=True)
    def get(self, request: Request, person: UUID) -> Response:
        """The public profile, and the state of my contact with them."""
        return tagged(request, people.get_details(person_id(request), person))
