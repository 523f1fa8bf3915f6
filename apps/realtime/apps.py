from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "apps.realtime"
    label = "realtime"

    def ready(self) -> None:
        """Be told of everything that is published."""
        from apps.realtime.server import sink
        from apps.wire.publish import sinks

        sinks.append(sink)
