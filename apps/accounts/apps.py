from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from apps.accounts.access_handlers import register_access
        from apps.accounts.actions import sessions
        from apps.accounts.export_handlers import register_export
        from apps.accounts.queries import data_export

        register_access("accounts", end=sessions.end_of_scope, left=sessions.left)
        register_export("accounts", data_export.sections)
