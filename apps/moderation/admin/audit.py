"""The audit log in the Django admin, read-only."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.large_list_admin import LargeList
from apps.moderation.models import AuditRecord


@admin.register(AuditRecord)
class AuditRecordAdmin(LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Who did what, to whom or what, and why. `manage.py audit verify` checks the chain."""

    list_display = ("number", "at", "action", "who", "whom", "chat", "seq", "reason")
    list_filter = ("door",)
    search_fields = ("person", "by")
    search_help_text = "The id of a person: what they did, and what was done to them."
    ordering = ("-number",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditRecord], search_term: str
    ) -> tuple[QuerySet[AuditRecord], bool]:
        """By whole ids, which indexes have; Django would compare the ids of all records as text."""
        if not search_term:
            return queryset, False
        try:
            person = UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        return queryset.filter(Q(person=person) | Q(by=person)), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRecord]:
        """With the usernames of today."""
        rows: QuerySet[AuditRecord] = super().get_queryset(request)
        return rows.annotate(by_name=_name("by"), name=_name("person"))

    @admin.display(description="by")
    def who(self, row: AuditRecord) -> str:
        """Who did it."""
        return str(getattr(row, "by_name", None) or row.by or row.get_door_display())

    @admin.display(description="person")
    def whom(self, row: AuditRecord) -> str:
        """To whom."""
        return str(getattr(row, "name", None) or row.person or "")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False: actions write it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False."""
        return False


def _name(column: str) -> Subquery:
    return Subquery(User.objects.filter(id=OuterRef(column)).values("username")[:1])
