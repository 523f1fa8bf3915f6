from apps.configuration.models.version import RateLimit, RuntimeSetting, SettingsVersion

__all__ = ["RateLimit", "RuntimeSetting", "SettingsVersion"]
