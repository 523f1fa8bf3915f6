"""What this app stores about a person, for an export of their data: their bots and webhooks."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.accounts.models import Session, User
from apps.integrations.models import IncomingWebhook


def sections(user_id: UUID) -> Sections:
    """Their bots, and the tokens and webhooks without their secrets."""
    bots = User.objects.filter(bot_owner_id=user_id).order_by("date_joined", "id")
    tokens = Session.objects.filter(user__bot_owner_id=user_id).order_by("began_at", "device_id")
    webhooks = IncomingWebhook.objects.filter(bot__bot_owner_id=user_id).order_by("id")
    return {
        "bots": stream(bots.values("id", "username", "name", "about", "date_joined")),
        "bot_tokens": stream(
            tokens.values("device_id", "user_id", "name", "scopes", "began_at", "used_at")
        ),
        "incoming_webhooks": stream(
            webhooks.values("id", "bot_id", "chat_id", "made_at", "used_at")
        ),
    }
