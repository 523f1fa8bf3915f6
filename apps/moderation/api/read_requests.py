"""Break-glass over the API: `/moderation/read-requests`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotFound, NotPossible
from apps.core.limits import MODERATION
from apps.moderation.actions import break_glass
from apps.moderation.actions.audit import By
from apps.moderation.api.messages import Why
from apps.moderation.api.moderators import Reason, by_api
from apps.moderation.models import ReadRequest
from apps.moderation.queries.read_requests import ReadEntry, check_may, visible_to
from apps.wire.http import Input, PageLimit, PageQuery, decode, decode_query
from apps.wire.idempotency import idempotent
from apps.wire.openapi import operation

REFUSALS = (Forbidden, FreshSignInRequired, NotPossible)
Time = Annotated[datetime, Meta(tz=True)]


class NewReadRequest(Input, frozen=True):
    """The messages of `chat` from `since` to `until` (null: to now), to be read for `hours` after
    the approval. The members are told `reason`, one of `abuse`, `safety`, `illegal`, `legal` and
    `other`; `text` is for other moderators."""

    chat: UUID
    since: Time
    reason: Annotated[str, Meta(max_length=8)]
    text: Reason
    hours: Annotated[int, Meta(ge=1, le=168)]
    until: Time | None = None


class ReadRequestBody(Struct, frozen=True, rename={"from_seq": "from", "to_seq": "to"}):
    """A request to read a chat. `state`: `waiting`, `approved`, `refused`, or `ended` by somebody;
    an approved one can be read until `over_at`. `told_at`: when the members were told."""

    id: UUID
    chat: UUID
    since: datetime
    until: datetime
    from_seq: int
    to_seq: int
    reason: str
    text: str
    hours: int
    state: str
    asked_by: UUID | None
    asked_at: datetime
    decided_by: UUID | None
    over_at: datetime | None
    told_at: datetime | None


class ReadRequests(Struct, frozen=True):
    """Requests, the newest first; `next` is the cursor of the next page."""

    items: list[ReadRequestBody]
    next: str | None


class ReadPageQuery(Input, frozen=True):
    """The entries after this seq."""

    after: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    limit: PageLimit = break_glass.PAGE_SIZE


class ReadPage(Struct, frozen=True):
    """Entries in order. `next`: the `after` of the next page; null at the end."""

    items: list[ReadEntry]
    next: int | None


class ReadRequestsView(APIView):
    """`/moderation/read-requests`"""

    @operation(
        "listReadRequests",
        "Requests to read chats",
        query=PageQuery,
        returns=ReadRequests,
        errors=(Forbidden, FreshSignInRequired),
        limits=(MODERATION,),
    )
    def get(self, request: Request) -> Response:
        """For moderators with the permission. Without those for chats that they are in."""
        query, moderator = decode_query(request, PageQuery), _moderator(request)
        rows = visible_to(moderator)
        if query.cursor:
            rows = rows.filter(id__lt=cursors.decode(query.cursor, UUID))
        found = list(rows.order_by("-id")[: query.limit + 1])
        items, following = cursors.page(found, query.limit, lambda row: row.id)
        return Response(ReadRequests([_body(row) for row in items], following))

    @operation(
        "askToReadChat",
        "Ask to read a part of a chat",
        body=NewReadRequest,
        returns=ReadRequestBody,
        status=(201,),
        errors=(*REFUSALS, NotFound),
        limits=(MODERATION,),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """For moderators with the permission, of chats that they are not in. Another moderator has
        to approve it. The members are told some time after it was read."""
        by, form = by_api(request), decode(request, NewReadRequest)
        given = {name: getattr(form, name) for name in form.__struct_fields__}
        return Response(_body(break_glass.ask(by, break_glass.Asked(**given))), status=201)


def _decision(
    id_: str, summary: str, action: Callable[[By, UUID], ReadRequest], description: str
) -> type[APIView]:
    class DecisionView(APIView):
        @operation(
            id_,
            summary,
            returns=ReadRequestBody,
            errors=REFUSALS,
            limits=(MODERATION,),
            description=description,
        )
        def post(self, request: Request, read_request: UUID) -> Response:
            return Response(_body(action(by_api(request), read_request)))

    return DecisionView


ApprovalView = _decision(
    "approveReadRequest",
    "Approve a request to read a chat",
    break_glass.approve,
    "For moderators with the permission, other than the one who asked.",
)
EndView = _decision(
    "endReadRequest",
    "End reading a chat",
    break_glass.end,
    "For all moderators with the permission. Also takes back a request that waits.",
)


class RefusalView(APIView):
    """`/moderation/read-requests/{read_request}/refuse`"""

    @operation(
        "refuseReadRequest",
        "Refuse a request to read a chat",
        body=Why,
        returns=ReadRequestBody,
        errors=(*REFUSALS, Invalid),
        limits=(MODERATION,),
    )
    def post(self, request: Request, read_request: UUID) -> Response:
        """For moderators with the permission, other than the one who asked."""
        by, why = by_api(request), decode(request, Why)
        return Response(_body(break_glass.refuse(by, read_request, reason=why.reason)))


class ReadMessagesView(APIView):
    """`/moderation/read-requests/{read_request}/messages`"""

    @operation(
        "readChatAsModerator",
        "Read the chat of an approved request",
        query=ReadPageQuery,
        returns=ReadPage,
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def get(self, request: Request, read_request: UUID) -> Response:
        """For the moderator who asked. Each page is in the audit log. Deleted and hidden messages
        have no text; files are names only."""
        by, query = by_api(request), decode_query(request, ReadPageQuery)
        page = break_glass.read(by, read_request, after=query.after, limit=query.limit)
        return Response(ReadPage(page.entries, page.following))


def _moderator(request: Request) -> UUID:
    """Who asks. Raises as `by_api`, and NoBreakGlass."""
    by_api(request)
    moderator = person_id(request)
    check_may(moderator)
    return moderator


def _body(row: ReadRequest) -> ReadRequestBody:
    return ReadRequestBody(
        id=row.id,
        chat=row.chat_id,
        since=row.since,
        until=row.until,
        from_seq=row.from_seq,
        to_seq=row.to_seq,
        reason=row.reason,
        text=row.text,
        hours=row.hours,
        state=row.state,
        asked_by=row.asked_by_id,
        asked_at=row.asked_at,
        decided_by=row.decided_by_id,
        over_at=row.over_at,
        told_at=row.told_at,
    )
