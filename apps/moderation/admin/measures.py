"""Warnings and slowdowns in the Django admin: adding one runs the action."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PersonWarning, Slowdown
from apps.core.errors import Refused
from apps.core.large_list_admin import NameSearch
from apps.moderation.actions import people
from apps.moderation.admin.doors import ForModerators, by_staff, shown
from apps.moderation.forms import SlowdownForm, WarningForm


class MeasureAdmin(ForModerators, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """A list to which moderators add. A refusal is shown above the list."""

    list_select_related = ("user", "by")
    search_fields = ("user__search_name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Moderators."""
        return self.has_view_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Run the action, which writes the row."""
        try:
            return super().add_view(request, form_url, extra_context)
        except Refused as error:
            messages.error(request, error.detail)
            return redirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            )

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log has it."""


@admin.register(PersonWarning)
class WarningAdmin(MeasureAdmin):
    """Who was warned of what, and whether they acknowledged it."""

    form = WarningForm
    list_display = ("user", "at", "by", "text", "acknowledged_at")
    ordering = ("-id",)
    fields = ("user", "text", "report")

    def save_model(
        self, request: HttpRequest, obj: PersonWarning, form: WarningForm, change: bool
    ) -> None:
        """Warn somebody."""
        people.warn(by_staff(request), obj.user_id, reason=obj.text, report=obj.report)


@admin.register(Slowdown)
class SlowdownAdmin(MeasureAdmin):
    """Who may write only so often, until when, and why."""

    form = SlowdownForm
    list_display = ("user", "interval_s", "until", "at", "by", "reason")
    ordering = ("-at",)
    actions = ("end",)
    fields = ("user", "interval_s", "until", "reason")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Slowdown]":
        """Those that are not over."""
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
