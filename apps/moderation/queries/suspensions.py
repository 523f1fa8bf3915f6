"""What a suspended person reads."""

from uuid import UUID

from apps.accounts.models import Deletion, Suspension, User
from apps.core.errors import Forbidden
from apps.moderation.models import Appeal
from apps.moderation.queries.moderators import check_reach


def of_person(person_id: UUID) -> Suspension | None:
    """The person's suspension; None when they are not suspended."""
    return Suspension.objects.filter(user_id=person_id).first()


def appeal_of(suspension: Suspension) -> Appeal | None:
    """The person's answer to this suspension, if they gave one."""
    return Appeal.objects.filter(user_id=suspension.user_id, suspended_at=suspension.at).first()


def may_change(moderator: User, suspension: Suspension) -> bool:
    """Whether the moderator may lift or keep it."""
    try:
        check_reach(moderator.id, suspension.user_id)
    except Forbidden:
        return False
    return moderator.is_superuser or not suspension.by_administrator


def waiting_deletion(suspension: Suspension) -> Deletion | None:
    """The deletion of the person's account, while it can be taken back."""
    return Deletion.objects.filter(user_id=suspension.user_id, ending__isnull=True).first()
