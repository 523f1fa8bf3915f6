"""What contacts store about a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.contacts.models import Contact, PersonalLink


def sections(user_id: UUID) -> Sections:
    """The person's own side of each contact, and their link."""
    rows = Contact.objects.filter(owner_id=user_id).order_by("other_id")
    links = PersonalLink.objects.filter(owner_id=user_id).order_by("owner_id")
    return {
        "personal_link": stream(links.values("made_at", "expires_at", "uses")),
        "contacts": stream(
            rows.values("other_id", "other__username", "state", "since", "greeting")
        ),
    }
