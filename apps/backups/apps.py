from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "apps.backups"
    label = "backups"

    def ready(self) -> None:
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.erasure_handlers import stores_nothing as erases_nothing
        from apps.accounts.export_handlers import register_export, stores_nothing
        from apps.backups.queries import for_receipts
        from apps.retention.backup_handlers import register_backups

        register_access("backups", end=gives_no_access)
        register_export("backups", stores_nothing)
        register_erasure("backups", erases_nothing)
        register_backups(for_receipts.existing)
