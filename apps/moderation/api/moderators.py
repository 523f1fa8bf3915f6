"""What moderators do, over the API: `/moderation/...`. The actions are those of the admin."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.app_data import client_data
from apps.accounts.queries import endings
from apps.accounts.staff import missing
from apps.core.authentication import person_id
from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotPossible
from apps.core.limits import MODERATION, check
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries.moderators import get_moderator
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

Reason = Annotated[str, Meta(min_length=1, max_length=people.MAX_REASON)]


class NewSuspension(Input, frozen=True):
    """Until when (null: a ban, which has no end), and why. The reason is in the audit log
    and in the export of the person's data."""

    reason: Reason
    until: Annotated[datetime, Meta(tz=True)] | None = None


class LiftedSuspension(Input, frozen=True):
    """The reason, for the audit log."""

    reason: Reason


class AccessEnded(Struct, frozen=True):
    """What ended, by kind. Server processes add the live connections they close: the admin's
    *Endings* show the record with this id."""

    id: UUID | None
    ended: dict[str, int]


def by_api(request: Request) -> By:
    """The moderator who asks. Raises RateLimited, NoModerator, and FreshSignInRequired without what
    the admin asks of staff, too (decision 0037)."""
    person = person_id(request)
    check(MODERATION, person)
    get_moderator(person)
    with client_data(request) as plain:
        if missing(plain) is not None:
            raise FreshSignInRequired
    return By(person, Door.API)


class SuspensionView(APIView):
    """`/moderation/people/{person}/suspension`"""

    @operation(
        "suspendPerson",
        "Suspend or ban a person",
        body=NewSuspension,
        returns=AccessEnded,
        errors=(Forbidden, FreshSignInRequired, Invalid),
        limits=(MODERATION,),
    )
    def put(self, request: Request, person: UUID) -> Response:
        """For moderators. Closes the account and ends all of its access."""
        by, form = by_api(request), decode(request, NewSuspension)
        ending = people.suspend(by, person, until=form.until, reason=form.reason)
        if ending is None:
            return Response(AccessEnded(None, {}))
        totals = endings.totals(ending, ending.parts.all())
        return Response(AccessEnded(ending.id, dict(totals.counts)))


class LiftedSuspensionView(APIView):
    """`/moderation/people/{person}/suspension/lift`"""

    @operation(
        "liftSuspension",
        "Lift a suspension or a ban",
        body=LiftedSuspension,
        returns=None,
        status=(204,),
        errors=(Forbidden, FreshSignInRequired, Invalid, NotPossible),
        limits=(MODERATION,),
    )
    def post(self, request: Request, person: UUID) -> Response:
        """For moderators. The person can sign in again; what ended does not come back. Moderators
        cannot lift what an administrator set."""
        by = by_api(request)
        people.lift(by, person, reason=decode(request, LiftedSuspension).reason)
        return Response(status=204)
