from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "apps.retention"
    label = "retention"

    def ready(self) -> None:
        from apps.accounts import erasure_handlers, export_handlers
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.chats.held_content import register_holds
        from apps.retention.actions import account_receipts, held_content
        from apps.retention.queries import holds

        register_access("retention", end=gives_no_access)
        export_handlers.register_export("retention", export_handlers.stores_nothing)
        erasure_handlers.register_erasure("retention", erasure_handlers.stores_nothing)
        erasure_handlers.register_hold(holds.is_on_hold)
        erasure_handlers.register_receipt(account_receipts.issue)
        register_holds(held_content.keep, holds.covered)
