"""What this app stores about a person, for an export of their data."""

from uuid import UUID

from apps.accounts.export_handlers import Sections, stream
from apps.accounts.models import Session, User
from apps.integrations.models import (
    CommandCall,
    CommandNote,
    ExternalCommand,
    IncomingWebhook,
    OutgoingWebhook,
)


def sections(user_id: UUID) -> Sections:
    """Their bots, webhooks and tokens without secrets, commands that their bots answer, runs of
    these, and answers of commands."""
    bots = User.objects.filter(bot_owner_id=user_id).order_by("date_joined", "id")
    tokens = Session.objects.filter(user__bot_owner_id=user_id).order_by("began_at", "device_id")
    incoming = IncomingWebhook.objects.filter(bot__bot_owner_id=user_id).order_by("id")
    outgoing = OutgoingWebhook.objects.filter(owner_id=user_id).order_by("made_at", "id")
    commands = ExternalCommand.objects.filter(bot__bot_owner_id=user_id).order_by("id")
    calls = CommandCall.objects.filter(user_id=user_id).order_by("id")
    notes = CommandNote.objects.filter(user_id=user_id, gone=False).order_by("at", "id")
    return {
        "bots": stream(bots.values("id", "username", "name", "about", "date_joined")),
        "bot_tokens": stream(
            tokens.values("device_id", "user_id", "name", "scopes", "began_at", "used_at")
        ),
        "incoming_webhooks": stream(
            incoming.values("id", "bot_id", "chat_id", "made_at", "used_at")
        ),
        "outgoing_webhooks": stream(
            outgoing.values("id", "chat_id", "name", "url", "events", "made_at")
        ),
        "commands": stream(
            commands.values("id", "chat_id", "name", "url", "hint", "description", "bot_id")
        ),
        "command_runs": stream(
            calls.values("id", "command__name", "chat_id", "text", "reply_to", "made_at")
        ),
        "command_answers": stream(notes.values("id", "chat_id", "command", "text", "at")),
    }
