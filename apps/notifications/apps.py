from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"

    def ready(self) -> None:
        from apps.notifications.checks import signing_works

        register(signing_works, "push")
