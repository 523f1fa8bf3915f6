from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "apps.moderation"
    label = "moderation"

    def ready(self) -> None:
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.chats.content_rules import Rules, register_content_rules
        from apps.core import runtime
        from apps.moderation.actions import erasure, rules
        from apps.moderation.queries import data_export, runtime_settings

        register_content_rules(Rules(rules.refresh, rules.judge, rules.flag))
        runtime.read_with(runtime_settings.overrides)
        register_access("moderation", end=gives_no_access)
        register_export("moderation", data_export.sections)
        register_erasure("moderation", erasure.erase)
