"""What notifications store about a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.notifications.models import Digest, DigestPosition, Preferences, Push, Subscription

DIGEST = ("frequency", "day", "at", "texts", "next_at", "sent_at", "refused")
PUSH = ("chat_id", "first_seq", "last_seq", "state", "reason", "created_at", "ended_at")


def sections(user_id: UUID) -> Sections:
    """Preferences, devices (without their endpoints and keys), what was pushed, and digests."""
    devices = Subscription.objects.filter(user_id=user_id).order_by("created_at")
    pushes = Push.objects.filter(user_id=user_id).order_by("created_at")
    preferences = Preferences.objects.filter(user_id=user_id)
    positions = DigestPosition.objects.filter(user_id=user_id).order_by("chat_id")
    wanted = ("level", "keywords", "break_through", "delay", "content")
    return {
        "notification_preferences": stream(preferences.values(*wanted)),
        "devices": stream(devices.values("name", "gateway", "host", "created_at", "reached_at")),
        "pushes": stream(pushes.values(*PUSH)),
        "digest": stream(Digest.objects.filter(user_id=user_id).values(*DIGEST)),
        "digest_positions": stream(positions.values("chat_id", "seq")),
    }
