from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "apps.sso"
    label = "sso"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from apps.accounts.access_handlers import register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.sso.actions import erasure, provider_sessions
        from apps.sso.queries import data_export
        from apps.sso.session_signals import end_short_lifetime

        # accounts ends the web sessions; this deletes the tokens that came with them.
        register_access("sso", end=provider_sessions.end_of_scope, left=provider_sessions.left)
        register_export("sso", data_export.sections)
        register_erasure("sso", erasure.erase)
        user_logged_in.connect(end_short_lifetime)
