from apps.integrations.admin.external_commands import ExternalCommandAdmin

__all__ = ["ExternalCommandAdmin"]
