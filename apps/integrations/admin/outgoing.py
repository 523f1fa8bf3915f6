"""Outgoing webhooks in the Django admin. No events: they are texts of messages."""

from django.contrib import admin

from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.integrations.models import OutgoingWebhook


@admin.register(OutgoingWebhook)
class OutgoingWebhookAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """Where what is written in groups is sent to."""

    list_display = ("made_at", "chat", "owner", "host", "state", "failing_since")
    list_select_related = ("chat", "owner")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("chat", "owner", "host", "state", "failing_since", "failures", "made_at")
