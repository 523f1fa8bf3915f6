"""What moderators do to messages, over the API."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotPossible
from apps.core.limits import MODERATION
from apps.moderation.actions import entries
from apps.moderation.api.moderators import Reason, by_api
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

ACTIONS = {
    "hide": (entries.hide, "Hide a message"),
    "restore": (entries.restore, "Restore a hidden message"),
    "delete": (entries.delete, "Delete a message for all"),
}


class Why(Input, frozen=True):
    """The reason, for the audit log."""

    reason: Reason


def message_action(verb: str) -> type[APIView]:
    """The view of `/moderation/chats/{chat}/messages/{seq}/{verb}`."""
    action, summary = ACTIONS[verb]

    class ModeratedMessageView(APIView):
        @operation(
            f"{verb}ReportedMessage",
            summary,
            body=Why,
            returns=None,
            status=(204,),
            errors=(Forbidden, FreshSignInRequired, Invalid, NotPossible),
            limits=(MODERATION,),
        )
        def post(self, request: Request, chat: UUID, seq: int) -> Response:
            """For moderators, of messages that were reported or are the context of a report. The
            members see the effect at once."""
            by = by_api(request)
            action(by, chat, seq, reason=decode(request, Why).reason)
            return Response(status=204)

    return ModeratedMessageView
