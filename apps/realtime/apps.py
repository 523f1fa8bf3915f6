from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "apps.realtime"
    label = "realtime"

    def ready(self) -> None:
        """Deliver everything that is published, and end live connections with their session."""
        from apps.accounts.access_handlers import ends_with_its_sessions, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.erasure_handlers import stores_nothing as erases_nothing
        from apps.accounts.export_handlers import register_export, stores_nothing
        from apps.realtime.server import sink
        from apps.wire.publish import sinks

        register_export("realtime", stores_nothing)
        register_erasure("realtime", erases_nothing)
        register_access("realtime", end=ends_with_its_sessions)
        sinks.append(sink)
