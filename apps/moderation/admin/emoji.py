"""Custom emoji in the Django admin: moderators remove them. They are added in the settings."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.models import User
from apps.core.large_list_admin import LargeList
from apps.emoji.actions import emoji as actions
from apps.emoji.models import Emoji
from apps.emoji.queries.emoji import body
from apps.moderation.admin.moderator_pages import ForModerators, by_staff, shown


@admin.register(Emoji)
class EmojiAdmin(ForModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """All of them: at most a thousand."""

    list_display = ("picture", "name", "maker", "made_at")
    fields = readonly_fields = list_display
    list_display_links = None
    list_per_page = 50
    search_fields = ("name", "aliases__name")
    ordering = ("name",)
    sortable_by = ("name",)
    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Emoji]":
        """With the aliases, and who made it."""
        makers = User.objects.filter(id=OuterRef("made_by"), erased_at=None).values("username")
        rows: QuerySet[Emoji] = super().get_queryset(request)
        rows = rows.annotate(made_by_name=Subquery(makers[:1]))
        return rows.prefetch_related("aliases")

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, row: Emoji) -> str:
        """The first frame, small."""
        shown = body(row)
        address = shown.still_url or shown.url
        return format_html('<img src="{}" alt="{}" width="24" height="24">', address, str(row))

    @admin.display(description=gettext_lazy("made by"))
    def maker(self, row: Emoji) -> str:
        """The username."""
        return getattr(row, "made_by_name", None) or ""

    @admin.action(description=gettext_lazy("Remove these emoji"), permissions=["view"])
    def remove(self, request: HttpRequest, rows: "QuerySet[Emoji]") -> None:
        """One after the other, each with its audit record."""
        by = by_staff(request)
        for name in rows.values_list("name", flat=True):
            with shown(request, gettext("Removed.")):
                if by.id is not None:
                    actions.remove(by.id, name, door="admin")
