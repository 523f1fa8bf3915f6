"""People of the directory in the Django admin, to view. Only the directory changes them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.core.large_list_admin import NameOrCodeSearch
from apps.core.read_only_admin import ReadOnly
from apps.scim.models import DirectoryEntry


@admin.register(DirectoryEntry)
class DirectoryEntryAdmin(ReadOnly, NameOrCodeSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Which accounts the directory manages, and what it sent."""

    list_display = ("user_name", "external_id", "user", "changed_at")
    list_select_related = ("user",)
    search_fields = ("user__search_name",)
    search_help_text = _(
        "The beginning of a name or username, or a whole user name or id of the directory."
    )
    sortable_by = ()
    ordering = ("-id",)

    def coded(self, queryset: QuerySet[DirectoryEntry], words: str) -> QuerySet[DirectoryEntry]:
        """By a name or an id that the directory gave."""
        folded = queryset.alias(folded=Lower("user_name")).filter(folded=words.lower())
        return (
            folded
            if folded.exists()
            else queryset.filter(external_id=words).exclude(external_id="")
        )
