from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "apps.realtime"
    label = "realtime"

    def ready(self) -> None:
        """Deliver everything that is published, and end live connections with their session."""
        from apps.accounts.endings import ends_with_account, ends_with_sessions
        from apps.realtime.server import sink
        from apps.wire.publish import sinks

        ends_with_account("realtime", ends_with_sessions)
        sinks.append(sink)
