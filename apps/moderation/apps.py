from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "apps.moderation"
    label = "moderation"

    def ready(self) -> None:
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.accounts.staff_record import register_recorder
        from apps.chats.content_rules import Rules, register_content_rules
        from apps.emoji.moderation_handlers import Moderation, register_moderation
        from apps.moderation.actions import audit, emoji, erasure, rules, telling
        from apps.moderation.queries import data_export, moderators, reports, waiting
        from apps.notifications.notices import FOR_MODERATORS, FOR_REPORTERS, register_describer

        register_describer(waiting.describe, topic=FOR_MODERATORS)
        register_describer(reports.describe_decision, topic=FOR_REPORTERS)
        register_content_rules(
            Rules(rules.refresh, rules.judge, rules.flag, rules.describe, telling.of_held)
        )
        register_moderation(Moderation(moderators.moderates, emoji.record_removal))
        register_access("moderation", end=gives_no_access)
        register_export("moderation", data_export.sections)
        register_recorder("moderation", audit.of_deed)
        register_erasure("moderation", erasure.erase)
