"""What this app stores about a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.graph.models import Link


def sections(user_id: UUID) -> Sections:
    """Whether they share their Teams presence, as whom, and what Graph said last."""
    links = Link.objects.filter(user_id=user_id)
    columns = ("email", "object_id", "problem", "availability", "activity", "known_at")
    return {"microsoft_presence": stream(links.values(*columns, "created_at"))}
