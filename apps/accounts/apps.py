from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from apps.accounts.actions.sessions import sign_out_everywhere
        from apps.accounts.close_handlers import register_close_handler

        register_close_handler("accounts", sign_out_everywhere)
