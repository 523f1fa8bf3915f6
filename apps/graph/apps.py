from django.apps import AppConfig


class GraphConfig(AppConfig):
    name = "apps.graph"
    label = "graph"

    def ready(self) -> None:
        from apps.accounts.access_handlers import register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.graph.actions import links
        from apps.graph.queries import data_export

        register_access("graph", end=links.end_of_scope)
        register_export("graph", data_export.sections)
        register_erasure("graph", links.erase)
