from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed
        from allauth.mfa.signals import authenticator_used
        from django.contrib.auth.signals import user_logged_in

        from apps.accounts import staff
        from apps.accounts.actions.sessions import sign_out_everywhere
        from apps.accounts.close_handlers import register_close_handler

        register_close_handler("accounts", sign_out_everywhere)
        user_logged_in.connect(staff.on_sign_in)
        authentication_step_completed.connect(staff.on_step)
        authenticator_used.connect(staff.on_used)
