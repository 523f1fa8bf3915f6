"""What moderators do to people: warning them, slowing them down, suspending them for a time,
banning them, and lifting each."""

import logging
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.accounts.actions import slowdowns, suspensions, warnings
from apps.accounts.models import Ending, PersonWarning, Suspension
from apps.core.errors import Invalid, NotFound, Refused
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By, Door
from apps.moderation.models import Report
from apps.moderation.queries.moderators import (
    check_reach,
    get_person,
    is_administrator,
    may_handle,
)

logger = logging.getLogger(__name__)
MAX_REASON = 2_000
MAX_AT_ONCE = 100
MAX_INTERVAL_S = 86_400


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
        person.id, until=until, reason=reason, by=by.id, by_administrator=of_administrator(by)
    )
    check_reach(by.id, person.id)  # again, under the locks: roles change while one waits
    telling.of_appeal(Suspension.objects.select_related("user").get(user=person), by=by.id)
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
    suspension = Suspension.objects.select_related("user").filter(user=person).first()
    suspensions.end(person.id, by_administrator=of_administrator(by))
    check_reach(by.id, person.id)
    if suspension is not None:
        telling.of_appeal(suspension, by=by.id)
    audit.record("lift", by=by, about=About(person=person.id), reason=reason)


@transaction.atomic
def warn(by: By, person_id: UUID, *, reason: str, report: UUID | None = None) -> PersonWarning:
    """Write to a person what they should not do again. Their devices show it until they acknowledge
    it. With a report of what they wrote, they are shown which message it is about.

    Raises NoModerator, NotFound (also for a report about somebody else), OutOfReach, and Invalid.
    """
    person = get_person(by.id, person_id)
    text = checked_reason(reason)
    about = _about(by, person_id, report)
    # The chat of a report about the person is where the reporter met them: it may say who that is.
    chat = about.chat if about.seq is not None else None
    row = warnings.give(person.id, text=text, chat=chat, seq=about.seq, report=report, by=by.id)
    check_reach(by.id, person.id)
    audit.record("warn", by=by, about=about, reason=text, details={"warning": str(row.id)})
    return row


@transaction.atomic
def slow_down(
    by: By,
    person_id: UUID,
    *,
    interval_s: int,
    until: datetime,
    reason: str,
    report: UUID | None = None,
) -> None:
    """Allow a person one message in `interval_s` seconds, in all chats together, until a time.

    Raises NoModerator, NotFound, OutOfReach, and Invalid.
    """
    person = get_person(by.id, person_id)
    reason, until = checked_reason(reason), _checked_end(until)
    if not 1 <= interval_s <= MAX_INTERVAL_S:
        words = gettext("Choose 1 to {n} seconds.").format(n=MAX_INTERVAL_S)
        raise Invalid(words, pointer="#/interval_s")
    slowdowns.begin(person.id, interval_s=interval_s, until=until, reason=reason, by=by.id)
    check_reach(by.id, person.id)
    audit.record(
        "slow_down",
        by=by,
        about=About(person=person.id, report=report),
        reason=reason,
        details={"interval_s": interval_s, "until": until.isoformat()},
    )


@transaction.atomic
def end_slowdown(by: By, person_id: UUID, *, reason: str = "") -> None:
    """Let a person write as before. Raises as `lift`."""
    person = get_person(by.id, person_id)
    slowdowns.end(person.id)
    check_reach(by.id, person.id)
    audit.record(
        "end_slowdown", by=by, about=About(person=person.id), reason=reason.strip()[:MAX_REASON]
    )


def _about(by: By, person_id: UUID, report_id: UUID | None) -> About:
    """The person, and the reported chat and message. Raises NotFound for a report about somebody
    else."""
    if report_id is None:
        return About(person=person_id)
    mine = Report.objects.all() if by.id is None else Report.objects.filter(may_handle(by.id))
    report = mine.filter(id=report_id, person=person_id).first()
    if report is None:
        raise NotFound
    return About(person_id, report.chat_id, report.seq, report.id)


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
    suspension = Suspension.objects.select_related("user").filter(user=person_id).first()
    suspensions.end(person_id, expired=True)
    if suspension is not None:
        telling.of_appeal(suspension)
    audit.record("suspension_over", by=By(None, Door.WORKER), about=About(person=person_id))


def of_administrator(by: By) -> bool:
    """An operator, too."""
    return is_administrator(by.id) if by.id else by.door == Door.COMMAND


def _checked_end(until: datetime) -> datetime:
    """The time, in UTC. Raises Invalid for one in the past, and for one that PostgreSQL stores and
    nobody can read again: in the year 10000."""
    if until <= timezone.now():
        raise Invalid(gettext_noop("Choose a time in the future."), pointer="#/until")
    try:
        return until.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(gettext_noop("Choose an earlier time."), pointer="#/until") from error


def checked_reason(reason: str) -> str:
    """The reason, without space around it. Raises Invalid without one."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        words = gettext("Write a reason of 1 to {n} characters.").format(n=MAX_REASON)
        raise Invalid(words, pointer="#/reason")
    return reason


def checked_text(text: str, most: int, pointer: str) -> str:
    """A text of up to `most` characters, without space around it. Raises Invalid with the pointer
    for an empty or longer one."""
    text = text.strip()
    if not text or len(text) > most or "\x00" in text:
        raise Invalid(gettext("Write 1 to {n} characters.").format(n=most), pointer=pointer)
    return text
