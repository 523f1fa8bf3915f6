"""Integrations in the Django admin."""

from apps.integrations.admin import incoming, outgoing

__all__ = ["incoming", "outgoing"]
