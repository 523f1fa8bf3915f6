"""What moderation stores about a person, for an export of their data: what they reported. Who
reported them, and the moderators' notes, are others' data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.moderation.models import Appeal, Report

FIELDS = (
    *("kind", "chat_id", "seq", "person_id", "reason", "text"),
    *("state", "outcome", "answer", "created_at", "decided_at"),
)


def sections(user_id: UUID) -> Sections:
    """The person's reports, and their answers to suspensions."""
    rows = Report.objects.filter(reporter_id=user_id).order_by("id")
    appeals = Appeal.objects.filter(user_id=user_id).order_by("id")
    return {
        "reports": stream(rows.values(*FIELDS)),
        "appeals": stream(appeals.values("suspended_at", "text", "at", "kept_at")),
    }
