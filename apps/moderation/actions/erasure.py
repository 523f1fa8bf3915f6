"""Erases what moderation stores about a person whose account is deleted."""

from uuid import UUID

from apps.accounts.erasure_handlers import Erased
from apps.moderation.models import Appeal, Report


def erase(user_id: UUID) -> Erased:
    """The words of their reports, and their answers to suspensions. The copies of what they
    reported, or of what others reported of them, are evidence: they go with the report's evidence,
    some time after its decision."""
    worded = Report.objects.filter(reporter_id=user_id).exclude(text="")
    return {
        "words of reports": worded.update(text=""),
        "appeals": Appeal.objects.filter(user_id=user_id).delete()[0],
    }
