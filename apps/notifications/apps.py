from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"

    def ready(self) -> None:
        from apps.accounts.close_handlers import ends_with_its_sessions, register_close_handler
        from apps.notifications.checks import check_gateways, check_vapid

        # The database deletes the devices of a session with it; waiting pushes then find no device.
        register_close_handler("notifications", ends_with_its_sessions)
        register(check_vapid, "push")
        register(check_gateways, "push")
