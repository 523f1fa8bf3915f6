"""The identities that sign in to the person's account, over the API."""

from datetime import datetime

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.fresh_sign_in import require_fresh
from apps.core.authentication import person_id
from apps.core.errors import FreshSignInRequired, NotPossible
from apps.sso.actions import identities as actions
from apps.sso.queries.identities import linked_identities
from apps.wire.openapi import operation


class LinkedIdentity(Struct, frozen=True):
    """`name`: of the identity provider."""

    id: int
    name: str
    linked_at: datetime


class Identities(Struct, frozen=True):
    """The oldest first."""

    items: list[LinkedIdentity]


class IdentitiesView(APIView):
    """`/me/identities`"""

    @operation("listIdentities", "My identities", returns=Identities)
    def get(self, request: Request) -> Response:
        """Who I am at identity providers: each signs in to this account. A page links one
        (`/accounts/sso/link`), since the provider asks there."""
        mine = linked_identities(person_id(request))
        return Response(Identities([LinkedIdentity(*each) for each in mine]))


class IdentityView(APIView):
    """`/me/identities/{id}`"""

    @operation(
        "unlinkIdentity",
        "Unlink an identity",
        returns=None,
        status=(204,),
        errors=(FreshSignInRequired, NotPossible),
        calls=actions.unlink,
    )
    def delete(self, request: Request, identity: int) -> Response:
        """The sessions that it began end, this one, too. 409: it is the only way to sign in."""
        require_fresh(request)
        actions.unlink(person_id(request), identity)
        return Response(status=204)
