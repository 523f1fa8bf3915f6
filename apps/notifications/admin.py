"""The ledger of pushes in the Django admin, read-only: what was sent, skipped and given up."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.large_list_admin import NameSearch, NewestFilter
from apps.core.read_only_admin import ReadOnly
from apps.notifications.models import Delivery, Push
from apps.notifications.queries import ledger_stats
from apps.notifications.rules import Reason

PERIODS = (
    (_("hour"), timedelta(hours=1)),
    (_("day"), timedelta(days=1)),
    (_("week"), timedelta(days=7)),
)


# Those of the rules; those that a worker or a read gives; and the state of the last delivery.
REASONS = {
    Reason.ALL: _("any message of the chat"),
    Reason.MENTION: _("a mention"),
    Reason.KEYWORD: _("a keyword"),
    Reason.BREAK_THROUGH: _("may break through"),
    Reason.MUTED: _("chat is muted"),
    Reason.LEVEL_NONE: _("wants none of this chat"),
    Reason.NOT_MENTIONED: _("wants mentions only"),
    Reason.DO_NOT_DISTURB: _("do not disturb"),
    "visible": _("was looking at the chat"),
    "no_device": _("no device"),
    "nothing_left": _("nothing left to show"),
    Delivery.State.WAITING: _("waits"),
    Delivery.State.SENT: _("sent"),
    Delivery.State.GONE: _("device is gone"),
    Delivery.State.REFUSED: _("refused"),
    Delivery.State.PARKED: _("parked"),
    Delivery.State.CANCELLED: _("cancelled"),
}


class ReasonFilter(NewestFilter):
    """By reason."""

    title = _("reason, of the newest")
    parameter_name = "reason"
    column, order, words = "reason", "created_at", REASONS


class StateFilter(NewestFilter):
    """By state. Those that failed have an index: all of them."""

    title = _("state, of the newest")
    parameter_name = "state__exact"
    column, order, words = "state", "created_at", dict(Push.State.choices)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The values, in the words of the field."""
        return [(value, str(words)) for value, words in Push._meta.get_field("state").flatchoices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Push]) -> QuerySet[Push]:
        """The pushes in the chosen state."""
        if self.value() == Push.State.FAILED:
            return queryset.filter(state=Push.State.FAILED)
        return super().queryset(request, queryset)


class LateFilter(NewestFilter):
    """By whether a push was read after it was sent."""

    title = _("read late, of the newest")
    parameter_name = "late__exact"
    column, order, words = "late", "created_at", {1: _("Yes"), 0: _("No")}


class DeliveriesInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The deliveries of a push."""

    model = Delivery
    fields = ("device", "host", "kind", "state", "status", "attempt", "due_at", "ended_at")
    extra = 0


@admin.register(Push)
class PushAdmin(ReadOnly, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who was notified when, and by which rule; never about which text."""

    list_display = ("created_at", "user", "state", "why", "late", "due_at", "ended_at")
    list_filter = (StateFilter, ReasonFilter, LateFilter)
    list_select_related = ("user",)
    search_fields = ("user__search_name",)
    ordering = ("-created_at",)
    sortable_by = ("created_at",)
    inlines = (DeliveriesInline,)
    change_list_template = "notifications/ledger.html"

    @admin.display(description=_("reason"))
    def why(self, push: Push) -> str:
        """The reason, in words."""
        return str(REASONS.get(push.reason, push.reason))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, below the totals of the last hour, day and week."""
        totals = [(name, ledger_stats.totals(period)) for name, period in PERIODS]
        return super().changelist_view(request, {"totals": totals, **(extra_context or {})})
