"""Tables of integrations."""

from apps.integrations.models.command_call import CommandCall
from apps.integrations.models.command_note import CommandNote
from apps.integrations.models.external_command import ExternalCommand

__all__ = ["CommandCall", "CommandNote", "ExternalCommand"]
