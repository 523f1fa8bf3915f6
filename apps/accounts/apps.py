from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from apps.accounts.actions.sessions import sign_out_everywhere
        from apps.accounts.endings import ends_with_account

        ends_with_account("accounts", sign_out_everywhere)
