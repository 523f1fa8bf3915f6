"""The ledger of pushes in the Django admin, read-only: what was sent, skipped and given up."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from apps.core.large_list_admin import NameSearch
from apps.core.read_only_admin import ReadOnly
from apps.notifications.models import Delivery, Push
from apps.notifications.queries import ledger_stats

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class DeliveriesInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The deliveries of a push."""

    model = Delivery
    fields = ("device", "host", "kind", "state", "status", "attempt", "due_at", "ended_at")
    extra = 0


@admin.register(Push)
class PushAdmin(ReadOnly, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who was notified when, and by which rule; never about which text."""

    list_display = ("created_at", "user", "state", "reason", "late", "due_at", "ended_at")
    list_filter = ("state", "reason", "late")
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
