"""What accounts store about a person, for an export of their data."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from apps.accounts.export_handlers import Sections, stream
from apps.accounts.models import (
    Deletion,
    Ending,
    Export,
    PersonWarning,
    Placeholder,
    Session,
    Slowdown,
    Suspension,
    User,
)

PROFILE = (
    "id",
    "username",
    "name",
    "about",
    "picture",
    "email",
    "locale",
    "time_zone",
    "time_zone_chosen",
    "status_text",
    "status_emoji",
    "status_until",
    "synced_from",
    "synced_text",
    "synced_emoji",
    "synced_until",
    "synced_quiet",
    "dnd_start",
    "dnd_end",
    "dnd_until",
    "share_seen",
    "auto_load",
    "low_first",
    "is_active",
    "closed_way",
    "is_staff",
    "date_joined",
    "last_login",
    "last_seen_at",
)
DEVICE = ("device_id", "name", "agent", "address", "began_at", "used_at", "expire_date")


def sections(user_id: UUID) -> Sections:
    """The profile, addresses, devices, second factors (without their secrets), endings of access,
    what an import said of the person, earlier exports, a suspension, warnings, a slowdown, and when
    the account is deleted."""
    sessions = Session.objects.filter(user_id=user_id)
    endings = Ending.objects.filter(user_id=user_id).order_by("begun_at")
    factors = Authenticator.objects.filter(user_id=user_id).order_by("id")
    addresses = EmailAddress.objects.filter(user_id=user_id).order_by("id")
    exports = Export.objects.filter(user_id=user_id).order_by("asked_at")
    deletion = Deletion.objects.filter(user_id=user_id)
    imported = Placeholder.objects.filter(user_id=user_id)
    suspension = Suspension.objects.filter(user_id=user_id)
    warnings = PersonWarning.objects.filter(user_id=user_id).order_by("id")
    slowdown = Slowdown.objects.filter(user_id=user_id)
    return {
        "profile": stream(User.objects.filter(id=user_id).values(*PROFILE)),
        "email_addresses": stream(addresses.values("email", "verified", "primary")),
        "sessions": stream(sessions.order_by("expire_date").values(*DEVICE)),
        "second_factors": stream(factors.values("type", "created_at", "last_used_at")),
        "endings": stream(endings.values("way", "account", "begun_at")),
        "exports": stream(exports.values("asked_at", "ready_at", "size", "chat")),
        "imported_person": stream(imported.values("email", "subjects", "source", "made_at")),
        "suspension": stream(suspension.values("at", "until", "reason")),
        "warnings": stream(warnings.values("text", "chat", "seq", "at", "acknowledged_at")),
        "slowdown": stream(slowdown.values("at", "until", "interval_s", "reason")),
        "deletion": stream(deletion.values("asked_at", "due_at")),
    }
