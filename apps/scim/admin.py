"""People of the directory in the Django admin, to view. Only the directory changes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.scim.models import DirectoryEntry


@admin.register(DirectoryEntry)
class DirectoryEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Which accounts the directory manages, and what it sent."""

    list_display = ("user_name", "external_id", "user", "changed_at")
    list_select_related = ("user",)
    search_fields = ("user_name", "external_id", "user__search_name")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False."""
        return False
