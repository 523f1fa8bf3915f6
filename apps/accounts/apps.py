from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed
        from allauth.mfa.signals import authenticator_used
        from django.contrib.auth.signals import user_logged_in

        from apps.accounts import staff
        from apps.accounts.access_handlers import register_access
        from apps.accounts.actions import sessions

        register_access("accounts", end=sessions.end_of_scope, left=sessions.left)
        user_logged_in.connect(staff.on_sign_in)
        authentication_step_completed.connect(staff.on_step)
        authenticator_used.connect(staff.on_used)
