"""The asker's personal link, and the links of others, over the API."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.queries import profiles
from apps.contacts.actions import personal_links as actions
from apps.contacts.models import PersonalLink
from apps.contacts.queries import people, personal_links
from apps.core.authentication import person_id
from apps.core.errors import NewAccount, NotFound, NotPossible
from apps.core.limits import LINK_TRIES, check
from apps.wire import bodies
from apps.wire.openapi import operation


class OwnLink(Struct, frozen=True):
    """`uses`: how many people got in touch by it."""

    url: str
    expires_at: datetime
    uses: int


class Met(Struct, frozen=True):
    """Whom the asker is in touch with now."""

    person: UUID


def link_body(link: PersonalLink) -> OwnLink:
    """A link as its owner sees it."""
    return OwnLink(personal_links.url(link), link.expires_at, link.uses)


class OwnLinkView(APIView):
    """`/me/link`"""

    @operation("getOwnLink", "My personal link", returns=OwnLink, errors=(NotFound,))
    def get(self, request: Request) -> Response:
        """Everybody who has it can be in touch with me. 404 without one."""
        if (link := personal_links.link_of(person_id(request))) is None:
            raise NotFound
        return Response(link_body(link))

    @operation(
        "makeOwnLink",
        "Make my personal link",
        returns=OwnLink,
        errors=(NewAccount,),
        calls=actions.make,
    )
    def put(self, request: Request) -> Response:
        """For 30 days. The one before cannot be used any more. Takes no body."""
        return Response(link_body(actions.make(person_id(request))))

    @operation(
        "revokeOwnLink",
        "Revoke my personal link",
        returns=None,
        status=(204,),
        errors=(NotFound,),
        calls=actions.revoke,
    )
    def delete(self, request: Request) -> Response:
        """The link cannot be used any more."""
        actions.revoke(person_id(request))
        return Response(status=204)


class PersonByLinkView(APIView):
    """`/with/{secret}`"""

    @operation("getPersonByLink", "Whose link it is", returns=bodies.Person, limits=(LINK_TRIES,))
    def get(self, request: Request, secret: str) -> Response:
        """Does not use the link."""
        check(LINK_TRIES, person_id(request))
        owner = personal_links.find(secret, by=person_id(request)).owner
        return Response(profiles.person_body(people.get_person(person_id(request), owner.id)))

    @operation(
        "meetByLink",
        "Be in touch by a link",
        returns=Met,
        errors=(NotPossible,),
        calls=actions.meet,
    )
    def post(self, request: Request, secret: str) -> Response:
        """Both are contacts now, and their direct chat is open."""
        return Response(Met(actions.meet(person_id(request), secret)))
