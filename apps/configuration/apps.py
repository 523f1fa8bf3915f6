from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "apps.configuration"
    label = "configuration"

    def ready(self) -> None:
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.erasure_handlers import stores_nothing as erases_nothing
        from apps.accounts.export_handlers import register_export, stores_nothing
        from apps.configuration.queries import versions
        from apps.core import log_level, runtime

        runtime.read_with(versions.newest)
        runtime.after_change(log_level.apply)
        register_access("configuration", end=gives_no_access)
        register_export("configuration", stores_nothing)
        register_erasure("configuration", erases_nothing)
