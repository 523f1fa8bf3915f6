"""Messages that wait for a moderator, over the API: `/moderation/held-messages`."""

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import cursors
from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotPossible
from apps.core.limits import MODERATION
from apps.moderation.actions import held
from apps.moderation.api.moderators import Reason, by_api
from apps.moderation.queries.held import HeldContent, HeldEntry, Place, page, place
from apps.wire import bodies
from apps.wire.http import Input, PageQuery, decode, decode_query
from apps.wire.openapi import operation

REFUSALS = (Forbidden, FreshSignInRequired, NotPossible)


class HeldMessages(Struct, frozen=True):
    """Messages that wait, the oldest first; `next` is the cursor of the next page."""

    items: list[HeldEntry]
    next: str | None


class HeldOutcome(Struct, frozen=True):
    """What became of an approved message: `sent`, at `seq` of its chat; `failed`, with the error
    code in `reason`; or `waiting`, if its sender is slowed down."""

    state: bodies.ScheduledState
    reason: str
    seq: int | None


class HeldRefusal(Input, frozen=True):
    """The reason, which the sender reads."""

    reason: Reason


class DecisionQuery(Input, frozen=True):
    """The `held_at` of the message that was read: one that its sender has changed since then is
    not decided on."""

    held_at: Annotated[datetime, Meta(tz=True)] | None = None


class HeldMessagesView(APIView):
    """`/moderation/held-messages`"""

    @operation(
        "listHeldMessages",
        "Messages that wait for a moderator",
        query=PageQuery,
        returns=HeldMessages,
        errors=(Forbidden, FreshSignInRequired),
        limits=(MODERATION,),
    )
    def get(self, request: Request) -> Response:
        """For moderators. Without their content, and without the moderator's own."""
        by, query = by_api(request), decode_query(request, PageQuery)
        after = cursors.decode(query.cursor, Place) if query.cursor else None
        found = page(by.id, after=after, limit=query.limit + 1)
        return Response(HeldMessages(*cursors.page(found, query.limit, place)))


class HeldMessageView(APIView):
    """`/moderation/held-messages/{held_message}`"""

    @operation(
        "readHeldMessage",
        "Read a message that waits",
        returns=HeldContent,
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def get(self, request: Request, held_message: UUID) -> Response:
        """For moderators. Each view is in the audit log. Files are names only."""
        return Response(held.read(by_api(request), held_message))


class ApprovedView(APIView):
    """`/moderation/held-messages/{held_message}/approve`"""

    @operation(
        "approveHeldMessage",
        "Send a message that waits",
        query=DecisionQuery,
        returns=HeldOutcome,
        errors=REFUSALS,
        limits=(MODERATION,),
    )
    def post(self, request: Request, held_message: UUID) -> Response:
        """For moderators, of messages of others. It is sent as its sender, with all checks of now:
        it fails if the person left the group or was suspended, or the group was closed."""
        by, query = by_api(request), decode_query(request, DecisionQuery)
        row = held.approve(by, held_message, held_at=query.held_at)
        return Response(HeldOutcome(cast(bodies.ScheduledState, row.state), row.reason, row.seq))


class RefusedView(APIView):
    """`/moderation/held-messages/{held_message}/refuse`"""

    @operation(
        "refuseHeldMessage",
        "Refuse a message that waits",
        query=DecisionQuery,
        body=HeldRefusal,
        returns=None,
        status=(204,),
        errors=(*REFUSALS, Invalid),
        limits=(MODERATION,),
    )
    def post(self, request: Request, held_message: UUID) -> Response:
        """For moderators, of messages of others. The sender has it back, and reads the reason."""
        by, form = by_api(request), decode(request, HeldRefusal)
        query = decode_query(request, DecisionQuery)
        held.refuse(by, held_message, reason=form.reason, held_at=query.held_at)
        return Response(status=204)
