"""What moderators do, over the API: `/moderation/...`. The actions are those of the admin."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.app_data import client_data
from apps.accounts.queries import endings, moderated
from apps.accounts.staff import Missing, missing
from apps.core.authentication import person_id
from apps.core.errors import Forbidden, FreshSignInRequired, Invalid, NotFound, NotPossible
from apps.core.limits import MODERATION, check
from apps.moderation.actions import appeals, people
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries import waiting
from apps.moderation.queries.moderators import get_moderator, get_person
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

MAX_WARNINGS = 100
# What to do where a fresh proof is not enough.
LACKS = {
    Missing.SET_UP: "Moderating needs a second factor. Set one up (/me/second-factor) first.",
    Missing.SECOND_STEP: "Moderating needs your second factor: send its `code` or a passkey to "
    "/session/proof, or sign in again with it.",
    Missing.PROVIDER: "The identity provider did not say that you signed in with a second factor.",
}
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
        lacks = missing(plain)
    if lacks is not None:
        raise FreshSignInRequired(LACKS.get(lacks, ""))
    return By(person, Door.API)


class NewWarning(Input, frozen=True):
    """What the person is told, and the report about them that it refers to."""

    reason: Reason
    report: UUID | None = None


class Warnings(Struct, frozen=True):
    """The newest warnings of a person, the newest first."""

    items: list[bodies.PersonWarning]


class NewSlowdown(Input, frozen=True):
    """One message in so many seconds, until when, and why. The person reads the reason."""

    reason: Reason
    interval_s: Annotated[int, Meta(ge=1, le=people.MAX_INTERVAL_S)]
    until: Annotated[datetime, Meta(tz=True)]


class WaitingView(APIView):
    """`/moderation/waiting`"""

    @operation(
        "countWaiting",
        "What waits for me",
        returns=waiting.Waiting,
        errors=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        """For moderators; numbers only, so it asks for no fresh sign-in. The event `waiting` says
        when to ask again."""
        return Response(waiting.count(get_moderator(person_id(request))))


class WarningsView(APIView):
    """`/moderation/people/{person}/warnings`"""

    @operation(
        "listWarningsOfPerson",
        "The warnings of a person",
        returns=Warnings,
        errors=(Forbidden, FreshSignInRequired, NotFound),
        limits=(MODERATION,),
    )
    def get(self, request: Request, person: UUID) -> Response:
        """For moderators. The newest 100, and whether the person has acknowledged them."""
        found = get_person(by_api(request).id, person)
        return Response(Warnings(moderated.warnings_of(found.id, limit=MAX_WARNINGS)))

    @operation(
        "warnPerson",
        "Warn a person",
        body=NewWarning,
        returns=bodies.PersonWarning,
        status=(201,),
        errors=(Forbidden, FreshSignInRequired, Invalid, NotFound),
        limits=(MODERATION,),
    )
    def post(self, request: Request, person: UUID) -> Response:
        """For moderators. The devices of the person show it until it is acknowledged."""
        by, form = by_api(request), decode(request, NewWarning)
        row = people.warn(by, person, reason=form.reason, report=form.report)
        return Response(moderated.body(row), status=201)


class SlowdownView(APIView):
    """`/moderation/people/{person}/slowdown`"""

    @operation(
        "slowPersonDown",
        "Limit how often a person may write",
        body=NewSlowdown,
        returns=None,
        status=(204,),
        errors=(Forbidden, FreshSignInRequired, Invalid, NotFound),
        limits=(MODERATION,),
    )
    def put(self, request: Request, person: UUID) -> Response:
        """For moderators. In all chats together; sends before that are refused as `slowed`."""
        by, form = by_api(request), decode(request, NewSlowdown)
        people.slow_down(
            by, person, interval_s=form.interval_s, until=form.until, reason=form.reason
        )
        return Response(status=204)

    @operation(
        "endSlowdown",
        "Let a person write as before",
        returns=None,
        status=(204,),
        errors=(Forbidden, FreshSignInRequired, NotFound, NotPossible),
        limits=(MODERATION,),
    )
    def delete(self, request: Request, person: UUID) -> Response:
        """For moderators."""
        people.end_slowdown(by_api(request), person)
        return Response(status=204)


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


class KeptSuspensionView(APIView):
    """`/moderation/people/{person}/suspension/keep`"""

    @operation(
        "keepSuspension",
        "Keep a suspension after the person's answer",
        body=LiftedSuspension,
        returns=None,
        status=(204,),
        errors=(Forbidden, FreshSignInRequired, Invalid, NotFound, NotPossible),
        limits=(MODERATION,),
    )
    def post(self, request: Request, person: UUID) -> Response:
        """For moderators. The answer waits for nobody any more; the person reads that it was
        decided."""
        by = by_api(request)
        appeals.keep(by, person, reason=decode(request, LiftedSuspension).reason)
        return Response(status=204)


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
