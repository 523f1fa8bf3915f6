"""What moderators do to people: suspending them for a time, banning them, lifting either."""

import logging
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import suspensions
from apps.accounts.models import Ending
from apps.core.errors import Invalid, Refused
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By, Door
from apps.moderation.queries.moderators import (
    check_reach,
    get_person,
    is_administrator,
)

logger = logging.getLogger(__name__)
MAX_REASON = 2_000
MAX_AT_ONCE = 100


@transaction.atomic
def suspend(
    by: By, person_id: UUID, *, until: datetime | None, reason: str, report: UUID | None = None
) -> Ending | None:
    """Close the account until a time, or for good (a ban).

    Ends their sessions, tokens, connections, pushes, scheduled messages and invite links; no way
    of signing in lets them in. Returns the record of what ended. Raises NoModerator, NotFound,
    OutOfReach, Forbidden when an administrator has suspended them, and Invalid.
    """
    person = get_person(by.id, person_id)
    reason = checked_reason(reason)
    until = until and _checked_end(until)
    ending = suspensions.begin(
        person.id, until=until, reason=reason, by=by.id, by_administrator=_is_administrator(by)
    )
    check_reach(by.id, person.id)  # again, under the locks: roles change while one waits
    details = {"until": until and until.isoformat(), "ending": ending and str(ending.id)}
    audit.record(
        "ban" if until is None else "suspend",
        by=by,
        about=About(person=person.id, report=report),
        reason=reason,
        details=details,
    )
    return ending


@transaction.atomic
def lift(by: By, person_id: UUID, *, reason: str) -> None:
    """Open a suspended or banned account again. What ended does not come back.

    Raises NoModerator, NotFound, OutOfReach, Forbidden when an administrator has suspended them,
    Invalid, and NotPossible for a person who is not suspended.
    """
    person = get_person(by.id, person_id)
    reason = checked_reason(reason)
    suspensions.end(person.id, by_administrator=_is_administrator(by))
    check_reach(by.id, person.id)
    audit.record("lift", by=by, about=About(person=person.id), reason=reason)


def lift_expired() -> None:
    """Lift the suspensions whose time has passed. Safe to run concurrently anywhere."""
    for person_id in suspensions.over().values_list("user_id", flat=True)[:MAX_AT_ONCE]:
        try:
            _lift_expired(person_id)
        except Refused:  # somebody else lifted or prolonged it
            logger.info("the suspension of %s is over already", person_id)
        except Exception:  # the next pass tries again; the others must not wait for it
            logger.exception("the suspension of %s cannot be lifted", person_id)


@transaction.atomic
def _lift_expired(person_id: UUID) -> None:
    suspensions.end(person_id, expired=True)
    audit.record("suspension_over", by=By(None, Door.WORKER), about=About(person=person_id))


def _is_administrator(by: By) -> bool:
    """An operator, too."""
    return is_administrator(by.id) if by.id else by.door == Door.COMMAND


def _checked_end(until: datetime) -> datetime:
    """The time, in UTC. Raises Invalid for one in the past, and for one that PostgreSQL stores and
    nobody can read again: in the year 10000."""
    if until <= timezone.now():
        raise Invalid("Choose a time in the future.", pointer="#/until")
    try:
        return until.astimezone(UTC)
    except OverflowError as error:
        raise Invalid("Choose an earlier time.", pointer="#/until") from error


def checked_reason(reason: str) -> str:
    """The reason, without space around it. Raises Invalid without one."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        raise Invalid(f"Write a reason of 1 to {MAX_REASON} characters.", pointer="#/reason")
    return reason
