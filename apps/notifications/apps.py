from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"

    def ready(self) -> None:
        from apps.accounts.access_handlers import register_access, register_move
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.notifications.actions import erasure, subscriptions
        from apps.notifications.checks import check_gateways, check_vapid
        from apps.notifications.queries import data_export

        register_access("notifications", end=subscriptions.end_of_scope, left=subscriptions.left)
        register_move(subscriptions.move)
        register_export("notifications", data_export.sections)
        register_erasure("notifications", erasure.erase)
        register(check_vapid, "push")
        register(check_gateways, "push")
