"""What a directory has sent of a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.scim.models import DirectoryEntry


def sections(user_id: UUID) -> Sections:
    """The entry of the directory."""
    entries = DirectoryEntry.objects.filter(user_id=user_id)
    fields = ("id", "user_name", "external_id", "attributes", "created_at", "changed_at")
    return {"directory": stream(entries.values(*fields))}
