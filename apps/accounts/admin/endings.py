"""The record of what ended, when an account was closed or sessions ended."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import EndedAccess, Ending
from apps.accounts.queries import endings
from apps.core.large_list_admin import NameSearch
from apps.core.read_only_admin import ReadOnly


class EndedAccessInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What ended, and when each was over."""

    model = EndedAccess
    fields = readonly_fields = ("kind", "count", "process", "over_at", "after")
    extra = 0

    @admin.display(description=_("after"))
    def after(self, part: EndedAccess) -> str:
        """The seconds since the ending began."""
        return f"{(part.over_at - part.ending.begun_at).total_seconds():.2f} s"


@admin.register(Ending)
class EndingAdmin(ReadOnly, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whose access ended, in which way, by whom, what that was, and what is left of it."""

    list_display = ("begun_at", "user", "way", "account", "by", "ended")
    list_filter = ("way", "account")
    list_select_related = ("user", "by")
    search_fields = ("user__search_name",)
    ordering = ("-begun_at",)
    sortable_by = ("begun_at",)
    fields = ("user", "way", "account", "by", "begun_at", "ended", "left_now")
    readonly_fields = ("ended", "left_now")
    inlines = (EndedAccessInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ending]:
        """With what ended."""
        return super().get_queryset(request).prefetch_related("parts")

    @admin.display(description=_("ended"))
    def ended(self, ending: Ending) -> str:
        """What ended, how much of it, and how long it took."""
        return str(endings.totals(ending, ending.parts.all()))

    @admin.display(description=_("left now"))
    def left_now(self, ending: Ending) -> str:
        """What the person has of it at this moment."""
        left = endings.left(ending)
        if left is None:
            return gettext("The account is open again.")
        return ", ".join(f"{gettext(kind)}: {count}" for kind, count in left.items())
