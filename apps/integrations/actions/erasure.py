"""Erases what integrations store about a person whose account is deleted."""

from uuid import UUID

from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.integrations.actions import bots
from apps.integrations.models import CommandCall, CommandNote, ExternalCommand, OutgoingWebhook
from apps.integrations.plugins import former_tables

# Of one part. Each has up to a thousand events in its log.
MAX_WEBHOOKS = 5


def erase(user_id: UUID) -> Erased:
    """Their runs of commands and the answers to them, the webhooks that nobody has taken over from
    them, and their bots, which are accounts. Of a bot: the commands whose answers it writes. Last,
    what plugins stored that are not loaded now: the others registered an erasure of their own."""
    calls, _ = CommandCall.objects.filter(user_id=user_id).delete()
    commands, _ = ExternalCommand.objects.filter(bot_id=user_id).delete()
    streams.lock([user_id])
    notes, _ = CommandNote.objects.filter(user_id=user_id).delete()
    bots.erase(user_id)
    # After the streams: a deletion of messages locks webhooks after them.
    of_person = OutgoingWebhook.objects.filter(owner_id=user_id).order_by("id")
    ids = of_person.select_for_update(no_key=True).values_list("id", flat=True)
    found = list(ids[:MAX_WEBHOOKS])
    OutgoingWebhook.objects.filter(id__in=found).delete()
    return {
        "webhooks": len(found),
        "commands": commands,
        "runs of commands": calls,
        "answers of commands": notes,
        "rows of plugins": former_tables.erase(user_id),
    }
