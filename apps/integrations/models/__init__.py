"""Tables of integrations."""

from apps.integrations.models.command_call import CommandCall
from apps.integrations.models.command_note import CommandNote
from apps.integrations.models.external_command import ExternalCommand
from apps.integrations.models.incoming import IncomingWebhook
from apps.integrations.models.outgoing import OutgoingWebhook, WebhookDelivery
from apps.integrations.models.plugin_bot import PluginBot
from apps.integrations.models.plugin_pause import PluginPause

__all__ = [
    "CommandCall",
    "CommandNote",
    "ExternalCommand",
    "IncomingWebhook",
    "OutgoingWebhook",
    "PluginBot",
    "PluginPause",
    "WebhookDelivery",
]
