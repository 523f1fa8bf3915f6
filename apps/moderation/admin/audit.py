"""The audit log in the Django admin, read-only."""

from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.moderation.models import AuditRecord
from apps.moderation.queries import history
from apps.moderation.words import action_words

# What the log has; names are those of today. Who asks to read a chat needs its id.
IDS = ("by", "person", "chat", "report")


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Who did what, to whom or what, and why. `manage.py audit verify` checks the chain."""

    list_display = ("number", "at", "what", "who", "whom", "where", "reason")
    fields = (*list_display, "seq", "door", "details", *IDS, "previous", "hash")
    readonly_fields = ("what", "who", "whom", "where")
    list_filter = ("door",)
    search_fields = ("person", "by")
    search_help_text = _(
        "A whole username, or the id of a person: what they did, and what was done to them."
    )
    ordering = ("-number",)
    sortable_by = ("number",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditRecord], search_term: str
    ) -> tuple[QuerySet[AuditRecord], bool]:
        """By whole ids, which indexes have; Django would compare the ids of all records as text."""
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        try:
            person: UUID | None = UUID(words)
        except ValueError:
            named = User.objects.filter(username=words.lower())
            person = named.values_list("id", flat=True).first()
        if person is None:
            return queryset.none(), False
        return queryset.filter(Q(person=person) | Q(by=person)), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRecord]:
        """With the names of today."""
        return history.with_names(super().get_queryset(request))

    @admin.display(description=_("action"))
    def what(self, row: AuditRecord) -> str:
        """What was done."""
        return action_words(row.action)

    @admin.display(description=_("by"))
    def who(self, row: AuditRecord) -> str:
        """Who did it."""
        return str(getattr(row, "by_name", None) or row.by or row.get_door_display())

    @admin.display(description=_("person"))
    def whom(self, row: AuditRecord) -> str:
        """To whom."""
        return str(getattr(row, "person_name", None) or row.person or "")

    @admin.display(description=_("chat"))
    def where(self, row: AuditRecord) -> str:
        """In which chat."""
        if row.chat is None:
            return ""
        title = getattr(row, "chat_title", None)
        return title or (str(row.chat) if title is None else gettext("direct chat"))
