"""Answering a suspension, once."""

from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import Suspension
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.moderation.models import Appeal

MAX_TEXT = 2_000


@transaction.atomic
def appeal(person_id: UUID, text: str) -> Appeal:
    """Store the answer of a suspended person, for the moderators. The caller has made sure that it
    is them: a suspended person has no session.

    Raises Invalid; NotFound when they are not suspended; NotPossible for a second answer to the
    same suspension.
    """
    text = text.strip()
    if not text or len(text) > MAX_TEXT or "\x00" in text:
        raise Invalid(f"Write 1 to {MAX_TEXT} characters.", pointer="#/text")
    suspension = Suspension.objects.select_for_update(no_key=True).filter(user_id=person_id).first()
    if suspension is None:
        raise NotFound
    try:
        with transaction.atomic():
            return Appeal.objects.create(user_id=person_id, suspended_at=suspension.at, text=text)
    except IntegrityError as error:
        raise NotPossible("You have answered already.") from error
