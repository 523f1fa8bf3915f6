"""Integrations in the Django admin."""

from apps.integrations.admin import external_commands, incoming, outgoing

__all__ = ["external_commands", "incoming", "outgoing"]
