from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "apps.integrations"
    label = "integrations"

    def ready(self) -> None:
        from apps.accounts.access_handlers import register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.chats.content_copies import register_copies
        from apps.chats.departures import register_companions
        from apps.integrations.actions import bots, erasure, outgoing_log
        from apps.integrations.commands.builtin import register_built_in
        from apps.integrations.plugins import registry
        from apps.integrations.queries import bots as bot_queries
        from apps.integrations.queries import data_export

        register_access("integrations", end=bots.end_of_scope)
        register_export("integrations", data_export.sections)
        register_erasure("integrations", erasure.erase)
        register_copies("webhook_log", outgoing_log.forget_content)
        register_companions(bot_queries.leaving_with)
        register_built_in()
        registry.load()
