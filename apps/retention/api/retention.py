"""How long chats keep their messages, and the receipts of what was deleted, over the API."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.queries.access import get_membership
from apps.chats.roles import Right, may
from apps.core.authentication import person_id
from apps.core.errors import ChatClosed, Forbidden, NotContacts
from apps.retention.actions.settings import set_keep_days
from apps.retention.api import schemas
from apps.retention.queries import receipts
from apps.retention.queries.holds import covers_chat
from apps.retention.queries.rules import first_kept, rule_of
from apps.wire.http import decode, decode_query
from apps.wire.openapi import operation


class ChatRetention(APIView):
    """`/chats/{chat}/retention`"""

    @operation(
        "getRetention",
        "How long a chat keeps its messages",
        query=schemas.RetentionQuery,
        returns=schemas.Retention,
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """With `days`: also how many messages that would delete now."""
        days = decode_query(request, schemas.RetentionQuery).days
        member = get_membership(person_id(request), chat)
        rule, found = rule_of(member.chat), member.chat
        return Response(
            schemas.Retention(
                days=rule.days,
                own_days=rule.own_days,
                own_from=rule.own_from,
                installation_days=rule.installation_days,
                paused=covers_chat(chat),
                may_change=may(member.role, Right.RETENTION, direct=found.kind == "direct"),
                kept_from=found.kept_from,
                deletes=max(0, first_kept(found, days) - found.kept_from) if days else 0,
            )
        )

    @operation(
        "setRetention",
        "Set how long a chat keeps its messages",
        body=schemas.NewRetention,
        returns=None,
        status=(204,),
        errors=(ChatClosed, Forbidden, NotContacts),
        calls=set_keep_days,
    )
    def put(self, request: Request, chat: UUID) -> Response:
        """For owners of a group, and both people of a direct chat. All members are told. Fewer days
        count after a day."""
        set_keep_days(person_id(request), chat, decode(request, schemas.NewRetention).days)
        return Response(status=204)


class ChatDeletions(APIView):
    """`/chats/{chat}/deletions`"""

    @operation(
        "listDeletions",
        "The receipts of what was deleted in a chat",
        returns=schemas.Receipts,
        errors=(Forbidden,),
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """For those who may set how long it keeps messages. The newest 100."""
        found = receipts.of_chat(person_id(request), chat)
        return Response(schemas.Receipts([schemas.receipt(each) for each in found]))


class Deletion(APIView):
    """`/deletions/{receipt}`"""

    @operation("getDeletion", "The receipt of a deletion", returns=schemas.Receipt)
    def get(self, request: Request, receipt: UUID) -> Response:
        """For the same people."""
        return Response(schemas.receipt(receipts.one(person_id(request), receipt)))
