"""Holds and receipts of deletions in the Django admin."""

import json
from typing import Any, cast

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.models import User
from apps.chats.models import Chat
from apps.core.kept_form import KeptForm
from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.moderation.admin.moderator_pages import by_staff, shown
from apps.moderation.queries import chats
from apps.retention.actions import holds
from apps.retention.forms import HoldForm
from apps.retention.models import DeletionReceipt, Hold
from apps.retention.queries.holds import count_kept
from apps.retention.queries.receipts import document
from apps.retention.words import removed_words

PERMISSION = "retention.hold"


class Named(LargeList):
    """A list of rows about a chat or a person, by the names that the reader may see."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With a username, and the title of a group."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # of a ModelAdmin
        reader = cast(User, request.user)
        if reader.has_perm("accounts.view_user"):
            people = User.objects.filter(id=OuterRef("person_id"), erased_at=None)
            rows = rows.annotate(username=Subquery(people.values("username")))
        if reader.is_superuser:
            groups = Chat.objects.filter(id=OuterRef("chat_id"))
            rows = rows.annotate(title=Subquery(groups.values("title")))
        return rows

    @admin.display(description=gettext_lazy("chat or person"))
    def about(self, row: Any) -> str:
        """The name, or else the id."""
        name = getattr(row, "username", None)
        return f"@{name}" if name else getattr(row, "title", None) or _id_of(row)


def _id_of(row: Any) -> str:
    return str(row.chat_id or row.person_id)


@admin.register(Hold)
class HoldAdmin(KeptForm, ReadOnly, Named, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """Nothing on hold is deleted for good. A hold is ended, never changed."""

    form = HoldForm
    list_display = ("since", "about", "reason", "ended_at")
    readonly_fields = ("target", "since", "ended_at", "kept")
    ordering = ("-id",)
    sortable_by = ()
    actions = ("end",)

    def get_fields(self, request: HttpRequest, obj: Hold | None = None) -> Any:
        """Of a new one, what is asked for."""
        if obj is None:
            return ("chat_id", "person_id", "reason")
        return ("target", "reason", "since", "ended_at" if obj.ended_at else "kept")

    @admin.display(description=gettext_lazy("chat or person"))
    def target(self, row: Hold) -> str:
        """The name and the id."""
        name = self.about(row)
        return _named("" if name == _id_of(row) else name, _id_of(row))

    @admin.display(description=gettext_lazy("deleted messages that it keeps"))
    def kept(self, row: Hold) -> int:
        """How many there are in the chat, or in all chats of the person."""
        return count_kept(row)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff with the permission."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff with the permission."""
        return request.user.has_perm(PERMISSION)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same."""
        return self.has_view_permission(request)

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
class DeletionReceiptAdmin(ReadOnly, Named, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """What was deleted, from where, and when. The page of one can be printed."""

    list_display = ("begun_at", "kind", "about", "rule", "finished_at")
    readonly_fields = ("chat", "person", "rule", "stopped", "counts", "as_json")
    ordering = ("-id",)
    sortable_by = ()

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """With the names that the reader may see."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            reader = cast(User, request.user)
            chat = row.chat_id and chats.get(reader, row.chat_id)
            row.chat_name = chats.chat_name(chat) if chat else ""
            people = User.objects.filter(id=row.person_id, erased_at=None)
            may_see = row.person_id and reader.has_perm("accounts.view_user")
            row.person_name = people.values_list("username", flat=True).first() if may_see else ""
        return row

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Those that mean something for this deletion."""
        has = {
            "chat": obj and obj.chat_id,
            "person": obj and obj.person_id,
            "rule": obj and obj.days,
            "reason": obj and obj.reason,
            "stopped": obj and obj.stopped_by_hold,
        }
        fields = ("begun_at", "kind", *has, "finished_at", "counts", "as_json")
        return [name for name in fields if has.get(name, True)]

    @admin.display(description=gettext_lazy("chat"))
    def chat(self, row: DeletionReceipt) -> str:
        """Its name, and its id."""
        return _named(getattr(row, "chat_name", None), row.chat_id)

    @admin.display(description=gettext_lazy("person"))
    def person(self, row: DeletionReceipt) -> str:
        """The username, and the id."""
        return _named(getattr(row, "person_name", None), row.person_id)

    @admin.display(description=gettext_lazy("days"))
    def rule(self, row: DeletionReceipt) -> int | None:
        """Of the rule that deleted."""
        return row.days or None

    @admin.display(description=gettext_lazy("stopped by a hold"))
    def stopped(self, row: DeletionReceipt) -> str:
        """In words: it is shown of those that were stopped only."""
        return gettext("The rest was kept, because a hold began.")

    @admin.display(description=gettext_lazy("deleted"))
    def counts(self, row: DeletionReceipt) -> str:
        """How many, by place."""
        found = ((removed_words(name), count) for name, count in row.removed.items() if count)
        lines = sorted(found)
        rows = format_html_join("", "<tr><td>{}</td><td>{}</td></tr>", lines)
        return format_html("<table>{}</table>", rows) if rows else gettext("nothing")

    @admin.display(description=gettext_lazy("receipt"))
    def as_json(self, row: DeletionReceipt) -> str:
        """The document as the API has it."""
        text = json.dumps(document(row), indent=2)
        return format_html("<details><summary>JSON</summary><pre>{}</pre></details>", text)


def _named(name: object, id_: object) -> str:
    return f"{name} ({id_})" if name else str(id_)
