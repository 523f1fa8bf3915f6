"""Tables of integrations."""

from apps.integrations.models.command_call import CommandCall
from apps.integrations.models.command_note import CommandNote
from apps.integrations.models.external_command import ExternalCommand
from apps.integrations.models.incoming import IncomingWebhook
from apps.integrations.models.outgoing import OutgoingWebhook, WebhookDelivery

__all__ = [
    "CommandCall",
    "CommandNote",
    "ExternalCommand",
    "IncomingWebhook",
    "OutgoingWebhook",
    "WebhookDelivery",
]
