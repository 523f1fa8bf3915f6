"""People of the directory in the Django admin, to view. Only the directory changes them."""

from django.contrib import admin

from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.scim.models import DirectoryEntry


@admin.register(DirectoryEntry)
class DirectoryEntryAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]
    """Which accounts the directory manages, and what it sent."""

    list_display = ("user_name", "external_id", "user", "changed_at")
    list_select_related = ("user",)
    search_fields = ("user_name", "external_id", "user__search_name")
    ordering = ("-id",)
