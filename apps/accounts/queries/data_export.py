"""What accounts store about a person, for an export of their data."""

from uuid import UUID

from allauth.account.models import EmailAddress

from apps.accounts.export_handlers import Sections, stream
from apps.accounts.models import Ending, Session, User

PROFILE = (
    "id",
    "username",
    "name",
    "about",
    "email",
    "locale",
    "time_zone",
    "status_text",
    "status_emoji",
    "status_until",
    "dnd_start",
    "dnd_end",
    "dnd_until",
    "share_seen",
    "is_active",
    "closed_way",
    "is_staff",
    "date_joined",
    "last_login",
    "last_seen_at",
)


def sections(user_id: UUID) -> Sections:
    """The profile, addresses, sessions (without their keys), and endings of access."""
    sessions = Session.objects.filter(user_id=user_id)
    endings = Ending.objects.filter(user_id=user_id).order_by("begun_at")
    addresses = EmailAddress.objects.filter(user_id=user_id).order_by("id")
    return {
        "profile": stream(User.objects.filter(id=user_id).values(*PROFILE)),
        "email_addresses": stream(addresses.values("email", "verified", "primary")),
        "sessions": stream(sessions.order_by("expire_date").values("expire_date")),
        "endings": stream(endings.values("way", "account", "begun_at")),
    }
