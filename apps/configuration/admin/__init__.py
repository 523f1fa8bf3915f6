"""The settings of the running server in the Django admin."""

from apps.configuration.admin.settings import RateLimitAdmin, RuntimeSettingAdmin
from apps.configuration.admin.versions import SettingsVersionAdmin

__all__ = ["RateLimitAdmin", "RuntimeSettingAdmin", "SettingsVersionAdmin"]
