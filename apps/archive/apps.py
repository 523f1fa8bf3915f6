from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "apps.archive"
    label = "archive"

    def ready(self) -> None:
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.erasure_handlers import stores_nothing as erases_nothing
        from apps.accounts.export_handlers import (
            register_chat_export,
            register_export,
            stores_nothing,
        )
        from apps.archive.actions import own_chats
        from apps.archive.queries.titles import titles

        register_access("archive", end=gives_no_access)
        register_export("archive", stores_nothing)
        register_chat_export(own_chats.check_access, own_chats.write, titles)
        register_erasure("archive", erases_nothing)
