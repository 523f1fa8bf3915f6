from django.apps import AppConfig


class EmojiConfig(AppConfig):
    name = "apps.emoji"
    label = "emoji"

    def ready(self) -> None:
        from apps.accounts.access_handlers import checks_on_each_change, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.emoji.actions import erasure
        from apps.emoji.queries import data_export

        register_access("emoji", end=checks_on_each_change)
        register_export("emoji", data_export.sections)
        register_erasure("emoji", erasure.erase)
