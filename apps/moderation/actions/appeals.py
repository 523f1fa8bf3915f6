"""Answering a suspension, once; and the moderators' answer that it stays."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.accounts.actions import suspensions
from apps.accounts.models import Suspension
from apps.core.errors import NotFound, NotPossible
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.people import checked_reason, checked_text, of_administrator
from apps.moderation.models import Appeal
from apps.moderation.queries.moderators import get_person

MAX_TEXT = 2_000


@transaction.atomic
def appeal(person_id: UUID, text: str) -> Appeal:
    """Store the answer of a suspended person, for the moderators. The caller has made sure that it
    is them: a suspended person has no session.

    Raises Invalid; NotFound when they are not suspended; NotPossible for a second answer to the
    same suspension.
    """
    text = checked_text(text, MAX_TEXT, "#/text")
    suspension = _locked(person_id)
    try:
        with transaction.atomic():
            row = Appeal.objects.create(user_id=person_id, suspended_at=suspension.at, text=text)
    except IntegrityError as error:
        raise NotPossible("You have answered already.") from error
    telling.of_appeal(suspension, new=True)
    return row


@transaction.atomic
def keep(by: By, person_id: UUID, *, reason: str) -> None:
    """Decide that a suspension stays, whatever the person answered: it waits for nobody any more.
    The person reads that moderators have decided, not the reason.

    Raises NoModerator, OutOfReach, NotFound when they are not suspended, Invalid, Forbidden when an
    administrator has suspended them, and NotPossible without an answer that waits.
    """
    get_person(by.id, person_id)
    reason = checked_reason(reason)
    suspension = _locked(person_id)
    suspensions.check_may_change(person_id, of_administrator(by))
    waiting = Appeal.objects.filter(user=person_id, suspended_at=suspension.at, kept_at=None)
    if not waiting.update(kept_at=timezone.now()):
        raise NotPossible(gettext_noop("No answer of this person waits."))
    telling.of_appeal(suspension, by=by.id)
    audit.record("keep_suspension", by=by, about=About(person=person_id), reason=reason)


def _locked(person_id: UUID) -> Suspension:
    found = Suspension.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    suspension = found.filter(user_id=person_id).first()
    if suspension is None:
        raise NotFound
    return suspension
