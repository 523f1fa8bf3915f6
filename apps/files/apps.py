from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "apps.files"
    label = "files"

    def ready(self) -> None:
        from apps.accounts.access_handlers import checks_on_each_change, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.files.actions import erasure, export_contents
        from apps.files.queries import data_export

        register_access("files", end=checks_on_each_change)
        register_export("files", data_export.sections, export_contents.contents)
        register_erasure("files", erasure.erase)
