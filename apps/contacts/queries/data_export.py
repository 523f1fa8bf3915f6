"""What contacts store about a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.contacts.models import Contact


def sections(user_id: UUID) -> Sections:
    """The person's own side of each contact."""
    rows = Contact.objects.filter(owner_id=user_id).order_by("other_id")
    return {
        "contacts": stream(rows.values("other_id", "other__username", "state", "since", "greeting"))
    }
