"""Pages of the Django admin that show rows and change none."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Removes the permissions to add, change and delete from a ModelAdmin or an inline."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
