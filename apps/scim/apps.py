from django.apps import AppConfig


class ScimConfig(AppConfig):
    name = "apps.scim"
    label = "scim"

    def ready(self) -> None:
        from apps.accounts.access_handlers import gives_no_access, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.scim.actions import erasure
        from apps.scim.queries import data_export

        register_access("scim", end=gives_no_access)
        register_export("scim", data_export.sections)
        register_erasure("scim", erasure.erase)
