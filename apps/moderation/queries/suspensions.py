"""What a suspended person reads."""

from uuid import UUID

from apps.accounts.models import Deletion, Suspension
from apps.moderation.models import Appeal


def of_person(person_id: UUID) -> Suspension | None:
    """The person's suspension; None when they are not suspended."""
    return Suspension.objects.filter(user_id=person_id).first()


def appeal_of(suspension: Suspension) -> Appeal | None:
    """The person's answer to this suspension, if they gave one."""
    return Appeal.objects.filter(user_id=suspension.user_id, suspended_at=suspension.at).first()


def waiting_deletion(suspension: Suspension) -> Deletion | None:
    """The deletion of the person's account, while it can be taken back."""
    return Deletion.objects.filter(user_id=suspension.user_id, ending__isnull=True).first()
