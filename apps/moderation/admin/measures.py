"""Warnings and slowdowns in the Django admin: adding one runs the action."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PersonWarning, Slowdown, Suspension
from apps.core.large_list_admin import NameSearch
from apps.moderation.actions import people
from apps.moderation.admin.moderator_pages import AddedByModerators, by_staff, shown
from apps.moderation.forms import SlowdownForm, WarningForm


class MeasureAdmin(AddedByModerators, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """A list of what moderators do to people."""

    # People are read for the rows of the page: joined, all of them might be.
    list_select_related = ()
    search_fields = ("user__search_name",)
    sortable_by: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the people of the page."""
        return super().get_queryset(request).prefetch_related("user", "by")

    @admin.display(description=_("person"))
    def person(self, row: PersonWarning | Slowdown | Suspension) -> str:
        """The person's name, for moderators who may not open their page."""
        return str(row.user)

    @admin.display(description=_("by"))
    def moderator(self, row: PersonWarning | Slowdown | Suspension) -> str:
        """Who did it, likewise."""
        return str(row.by or "-")


NAMES = {"user": "person", "by": "moderator"}


def openable(request: HttpRequest, fields: tuple[str, ...]) -> tuple[str, ...]:
    """These fields of a row; those that Django makes links to people only for who may open them."""
    if request.user.has_perm("accounts.view_user"):
        return fields
    return tuple(NAMES.get(name, name) for name in fields)


@admin.register(PersonWarning)
class WarningAdmin(MeasureAdmin):
    """Who was warned of what, and whether they acknowledged it."""

    form = WarningForm
    list_display = ("user", "at", "by", "text", "acknowledged_at")
    ordering = ("-id",)
    fields = ("user", "text")

    def get_fields(self, request: HttpRequest, obj: PersonWarning | None = None) -> tuple[str, ...]:
        """The fields to fill in; for a warning that was given, all that it says."""
        if obj is None:
            return self.fields
        return openable(request, ("user", "at", "by", "text", "its_report", "acknowledged_at"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: PersonWarning | None = None
    ) -> tuple[str, ...]:
        """A warning that was given cannot be changed."""
        return () if obj is None else ("its_report", *NAMES.values())

    @admin.display(description=_("report"))
    def its_report(self, row: PersonWarning) -> str:
        """A link to the report that the warning came from."""
        if row.report is None:
            return "-"
        page = reverse("admin:moderation_report_change", args=[row.report])
        return format_html('<a href="{}">{}</a>', page, gettext("Report"))

    def save_model(
        self, request: HttpRequest, obj: PersonWarning, form: WarningForm, change: bool
    ) -> None:
        """Warn somebody."""
        people.warn(by_staff(request), obj.user_id, reason=obj.text)


@admin.register(Slowdown)
class SlowdownAdmin(MeasureAdmin):
    """Who may write only so often, until when, and why."""

    form = SlowdownForm
    list_display = ("user", "interval_s", "until", "at", "by", "reason")
    ordering = ("-at",)
    actions = ("end",)
    fields = ("user", "interval_s", "until", "reason")

    def get_fields(self, request: HttpRequest, obj: Slowdown | None = None) -> tuple[str, ...]:
        """The fields to fill in; for a slowdown in force, also who set it and when."""
        return self.fields if obj is None else openable(request, (*self.fields, "at", "by"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Slowdown | None = None
    ) -> tuple[str, ...]:
        """A slowdown in force cannot be changed."""
        return () if obj is None else tuple(NAMES.values())

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Slowdown]":
        """The slowdowns that are not over."""
        rows: QuerySet[Slowdown] = super().get_queryset(request)
        return rows.filter(until__gt=timezone.now())

    def save_model(
        self, request: HttpRequest, obj: Slowdown, form: SlowdownForm, change: bool
    ) -> None:
        """Slow somebody down."""
        people.slow_down(
            by_staff(request),
            obj.user_id,
            interval_s=obj.interval_s,
            until=obj.until,
            reason=obj.reason,
        )

    @admin.action(description=_("End: let them write as before"), permissions=["view"])
    def end(self, request: HttpRequest, rows: "QuerySet[Slowdown]") -> None:
        """One after the other."""
        for row in rows.select_related("user"):
            with shown(request, gettext("%(person)s can write as before.") % {"person": row.user}):
                people.end_slowdown(by_staff(request), row.user_id)
