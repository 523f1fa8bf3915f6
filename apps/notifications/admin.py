"""The ledger of pushes in the Django admin: what was sent, avoided and given up, for reading."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from apps.notifications.models import Delivery, Push
from apps.notifications.queries import ledger_stats

SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class ForReading:
    """Nothing here is made, changed or removed by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class DeliveriesInline(ForReading, admin.TabularInline):  # type: ignore[type-arg]
    """What became of a push on each device."""

    model = Delivery
    fields = ("device", "host", "kind", "state", "status", "attempt", "due_at", "ended_at")
    extra = 0


@admin.register(Push)
class PushAdmin(ForReading, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who was told when, and by which rule; never of what."""

    list_display = ("created_at", "user", "state", "reason", "late", "due_at", "ended_at")
    list_filter = ("state", "reason", "late")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-created_at",)
    # Counting a large ledger would take longer than reading a page of it.
    show_full_result_count = False
    inlines = (DeliveriesInline,)
    change_list_template = "notifications/ledger.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the figures of the last hour, day and week above."""
        counted = {name: ledger_stats.totals(span) for name, span in SPANS.items()}
        return super().changelist_view(request, {"figures": counted, **(extra_context or {})})
