"""What moderators do to groups, over the API."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotFound, NotPossible
from apps.core.limits import MODERATION
from apps.moderation.actions import chats
from apps.moderation.api.messages import Why
from apps.moderation.api.moderators import by_api
from apps.wire.http import decode
from apps.wire.openapi import operation

REFUSALS = (Forbidden, FreshSignInRequired, Invalid, NotPossible)


class RemovedMemberView(APIView):
    """`/moderation/chats/{chat}/members/{person}/remove`"""

    @operation(
        "removeReportedMember",
        "Remove a member of a reported group",
        body=Why,
        returns=None,
        status=(204,),
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def post(self, request: Request, chat: UUID, person: UUID) -> Response:
        """For moderators. The person gets no later changes; only a member can add them again."""
        by = by_api(request)
        chats.remove_member(by, chat, person, reason=decode(request, Why).reason)
        return Response(status=204)


class RevokedLinksView(APIView):
    """`/moderation/chats/{chat}/links/revoke`"""

    @operation(
        "revokeReportedLinks",
        "Revoke all invite links of a reported group",
        body=Why,
        returns=None,
        status=(204,),
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """For moderators. Nobody can join by any of them."""
        by = by_api(request)
        chats.revoke_links(by, chat, reason=decode(request, Why).reason)
        return Response(status=204)


class RevokedLinkView(APIView):
    """`/moderation/chats/{chat}/links/{link}/revoke`"""

    @operation(
        "revokeReportedLink",
        "Revoke an invite link of a reported group",
        body=Why,
        returns=None,
        status=(204,),
        errors=(*REFUSALS, NotFound),
        limits=(MODERATION,),
    )
    def post(self, request: Request, chat: UUID, link: UUID) -> Response:
        """For moderators. Nobody can join by it."""
        by = by_api(request)
        chats.revoke_link(by, chat, link, reason=decode(request, Why).reason)
        return Response(status=204)


class ClosureView(APIView):
    """`/moderation/chats/{chat}/closure`"""

    @operation(
        "closeReportedChat",
        "Close a reported group",
        body=Why,
        returns=None,
        status=(204,),
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def put(self, request: Request, chat: UUID) -> Response:
        """For moderators. Its members can read it and leave; they are shown the reason."""
        by = by_api(request)
        chats.close_chat(by, chat, reason=decode(request, Why).reason)
        return Response(status=204)

    @operation(
        "reopenReportedChat",
        "Reopen a closed group",
        returns=None,
        status=(204,),
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def delete(self, request: Request, chat: UUID) -> Response:
        """For moderators. Its members can write again."""
        chats.reopen_chat(by_api(request), chat)
        return Response(status=204)
