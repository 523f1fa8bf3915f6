from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"

    def ready(self) -> None:
        from apps.accounts.endings import ends_with_account, ends_with_sessions
        from apps.notifications.checks import signing_works

        # Devices go with their session (in the database), and what waits finds no device.
        ends_with_account("notifications", ends_with_sessions)
        register(signing_works, "push")
