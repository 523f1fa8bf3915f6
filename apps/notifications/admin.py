"""The ledger of pushes in the Django admin, read-only: what was sent, skipped and given up."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.core.large_list_admin import NameSearch
from apps.core.read_only_admin import ReadOnly
from apps.notifications.models import Delivery, Push
from apps.notifications.queries import ledger_stats
from apps.notifications.rules import Reason

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


# Those that a worker or a read gives, beside the ones of the rules.
LATER_REASONS = ("visible", "no_device", "nothing_left")


class ReasonFilter(admin.SimpleListFilter):
    """By reason. Django's own filter would look for the values in the whole ledger."""

    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The values."""
        rules = [reason.value for reason in Reason]
        values = dict.fromkeys([*rules, *LATER_REASONS, *Delivery.State.values])
        return [(value, value.replace("_", " ")) for value in values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Push]) -> QuerySet[Push]:
        """The pushes with the chosen reason."""
        return queryset.filter(reason=self.value()) if self.value() else queryset


class DeliveriesInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The deliveries of a push."""

    model = Delivery
    fields = ("device", "host", "kind", "state", "status", "attempt", "due_at", "ended_at")
    extra = 0


@admin.register(Push)
class PushAdmin(ReadOnly, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who was notified when, and by which rule; never about which text."""

    list_display = ("created_at", "user", "state", "reason", "late", "due_at", "ended_at")
    list_filter = ("state", ReasonFilter, "late")
    list_select_related = ("user",)
    search_fields = ("user__search_name",)
    ordering = ("-created_at",)
    sortable_by = ("created_at",)
    inlines = (DeliveriesInline,)
    change_list_template = "notifications/ledger.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, below the totals of the last hour, day and week."""
        totals = {name: ledger_stats.totals(period) for name, period in PERIODS.items()}
        return super().changelist_view(request, {"totals": totals, **(extra_context or {})})
