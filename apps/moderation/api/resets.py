"""Taking away names, pictures and other words that nobody should have to see, over the API."""

from typing import Literal
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotFound, NotPossible
from apps.core.limits import MODERATION
from apps.moderation.actions import resets
from apps.moderation.api.moderators import Reason, by_api
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

REFUSALS = (Forbidden, FreshSignInRequired, Invalid, NotFound, NotPossible)
OF_PERSON = {
    "name": resets.reset_name,
    "about": resets.reset_about,
    "picture": resets.reset_picture,
}
OF_GROUP = {"title": resets.reset_title, "picture": resets.reset_group_picture}


class ProfileReset(Input, frozen=True):
    """What to take away from the profile, and why; the person reads it."""

    what: Literal["name", "about", "picture"]
    reason: Reason


class GroupReset(Input, frozen=True):
    """What to take away from the group, and why, for the audit log."""

    what: Literal["title", "picture"]
    reason: Reason


class ProfileResetView(APIView):
    """`/moderation/people/{person}/reset`"""

    @operation(
        "resetProfile",
        "Take a name, words or a picture away",
        body=ProfileReset,
        returns=None,
        status=(204,),
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def post(self, request: Request, person: UUID) -> Response:
        """For moderators. `about` is what the person wrote about themselves, and their status.
        Without a name, others see the username."""
        by, form = by_api(request), decode(request, ProfileReset)
        OF_PERSON[form.what](by, person, reason=form.reason)
        return Response(status=204)


class GroupResetView(APIView):
    """`/moderation/chats/{chat}/reset`"""

    @operation(
        "resetGroup",
        "Take the title or the picture of a reported group away",
        body=GroupReset,
        returns=None,
        status=(204,),
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """For moderators. The group gets a neutral title; a line in the chat says that moderators
        did it."""
        by, form = by_api(request), decode(request, GroupReset)
        OF_GROUP[form.what](by, chat, reason=form.reason)
        return Response(status=204)
