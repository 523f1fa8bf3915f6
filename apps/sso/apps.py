from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "apps.sso"
    label = "sso"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from apps.accounts.close_handlers import register_close_handler
        from apps.sso.actions.provider_sessions import delete_all_of
        from apps.sso.session_signals import end_short_lifetime, forget_provider_session

        # accounts ends the web sessions; this deletes the tokens that came with them.
        register_close_handler("sso", delete_all_of)
        user_logged_in.connect(end_short_lifetime)
        user_logged_out.connect(forget_provider_session)
