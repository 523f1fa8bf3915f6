"""Erases what integrations store about a person whose account is deleted."""

from uuid import UUID

from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.integrations.actions import bots
from apps.integrations.models import CommandCall, CommandNote, ExternalCommand


def erase(user_id: UUID) -> Erased:
    """Their runs of commands and the answers to them, and their bots, which are accounts. Of a bot:
    the commands whose answers it writes."""
    calls, _ = CommandCall.objects.filter(user_id=user_id).delete()
    commands, _ = ExternalCommand.objects.filter(bot_id=user_id).delete()
    streams.lock([user_id])
    notes, _ = CommandNote.objects.filter(user_id=user_id).delete()
    bots.erase(user_id)
    return {"commands": commands, "runs of commands": calls, "answers of commands": notes}
