"""Holds and receipts of deletions in the Django admin."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from apps.core.kept_form import KeptForm
from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.moderation.admin.doors import by_staff, shown
from apps.retention.actions import holds
from apps.retention.forms import HoldForm
from apps.retention.models import DeletionReceipt, Hold
from apps.retention.queries.receipts import document

PERMISSION = "retention.hold"


@admin.register(Hold)
class HoldAdmin(KeptForm, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """Nothing on hold is deleted for good. A hold is ended, never changed."""

    form = HoldForm
    list_display = ("since", "chat_id", "person_id", "reason", "ended_at")
    ordering = ("-id",)
    sortable_by = ()
    actions = ("end",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff with the permission."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff with the permission."""
        return request.user.has_perm(PERMISSION)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        """Run the action, which writes the row."""
        by = by_staff(request)
        added = holds.begin(by, reason=obj.reason, chat=obj.chat_id, person=obj.person_id)
        obj.id = added.id

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log has it."""

    def response_add(
        self, request: HttpRequest, obj: Hold, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the list."""
        return redirect(reverse("admin:retention_hold_changelist"))

    @admin.action(description=gettext_lazy("End these holds"), permissions=["view"])
    def end(self, request: HttpRequest, rows: "QuerySet[Hold]") -> None:
        """One after the other, each with its audit record."""
        for row in rows:
            with shown(request, gettext("Ended.")):
                holds.end(by_staff(request), row.id)


@admin.register(DeletionReceipt)
class DeletionReceiptAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """What was deleted, from where, and when. The page of one can be printed."""

    list_display = ("begun_at", "kind", "chat_id", "person_id", "days", "finished_at")
    fields = (*list_display, "reason", "stopped_by_hold", "as_json")
    readonly_fields = ("as_json",)
    ordering = ("-id",)
    sortable_by = ()

    @admin.display(description=gettext_lazy("receipt"))
    def as_json(self, row: DeletionReceipt) -> str:
        """The document as the API has it."""
        return format_html("<pre>{}</pre>", json.dumps(document(row), indent=2))
