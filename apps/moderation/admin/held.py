"""Messages that wait for a moderator, in the Django admin."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.chats.models import Scheduled
from apps.core.large_list_admin import LargeList
from apps.moderation.actions import held
from apps.moderation.admin.moderator_pages import (
    ForModerators,
    OwnPage,
    by_staff,
    row_id,
    shown,
    unless_refused,
)
from apps.moderation.forms import HeldRefusalForm
from apps.moderation.models import HeldMessage
from apps.moderation.queries import history
from apps.moderation.queries.held import title, visible_to

LIST = "admin:moderation_heldmessage_changelist"
TEMPLATE = "admin/moderation/heldmessage/message.html"
# Why an approved message was not sent, by the code of the refusal.
FAILURES = {
    "not_found": _("its sender is not in the group any more, or their account is closed"),
    "chat_closed": _("the group is closed"),
    "file_gone": _("a file of it was deleted"),
    "against_rules": _("another rule refuses it"),
}


@admin.register(HeldMessage)
class HeldMessageAdmin(OwnPage, ForModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """The list has no content. The page of a message has it; each view is recorded."""

    list_display = ("held", "sender", "chat", "rules", "until")
    list_display_links = ("held",)
    fields = list_display
    sortable_by = ()

    @admin.display(description=_("waits since"))
    def held(self, row: HeldMessage) -> Any:
        """Since when."""
        return row.held_at

    @admin.display(description=_("sender"))
    def sender(self, row: HeldMessage) -> str:
        """Their name."""
        return getattr(row, "sender_name", None) or "-"

    @admin.display(description=_("group"))
    def chat(self, row: HeldMessage) -> str:
        """Its title."""
        return title(row)

    @admin.display(description=_("rules"))
    def rules(self, row: HeldMessage) -> str:
        """Those that hold it."""
        return ", ".join(row.held_by.splitlines())

    @admin.display(description=_("until"))
    def until(self, row: HeldMessage) -> Any:
        """When it goes back to its sender."""
        return row.due_at

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeldMessage]:
        """Those that wait, but the moderator's own."""
        return visible_to(cast(UUID, request.user.pk))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The oldest first."""
        return ("due_at", "id")

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one message, with buttons that run the actions."""
        if not self.has_view_permission(request):
            raise Http404
        held_id = row_id(object_id)
        form = HeldRefusalForm(request.POST if "_refuse" in request.POST else None)
        if request.method == "POST" and self._act(request, held_id, form):
            return redirect(reverse(LIST))
        content = unless_refused(request, lambda: held.read(by_staff(request), held_id))
        if content is None:
            return redirect(reverse(LIST))
        context = {
            "title": gettext("A message that waits"),
            "content": content,
            "chat_title": history.title_of(content.message.chat),
            "refusal": form,
        }
        return self.own_page(request, TEMPLATE, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """None: the audit log has it."""
        raise Http404

    def _act(self, request: HttpRequest, held_id: UUID, form: HeldRefusalForm) -> bool:
        """Run the action of a button. Returns whether it is over."""
        by, read_at = by_staff(request), _read_at(request)
        if "_approve" in request.POST:
            with shown(request):
                self._say(request, held.approve(by, held_id, held_at=read_at))
        elif form.is_valid():
            reason = form.cleaned_data["reason"]
            done = gettext("Refused. The sender has it back, and reads the reason.")
            with shown(request, done) as attempt:
                held.refuse(by, held_id, reason=reason, held_at=read_at)
            return not attempt.refused
        else:
            return False
        return True

    def _say(self, request: HttpRequest, row: Scheduled) -> None:
        if row.state == Scheduled.State.SENT:
            messages.success(request, gettext("Approved, and sent."))
        elif row.state == Scheduled.State.FAILED:
            why = FAILURES.get(row.reason, row.reason)
            text = gettext("Approved, but it cannot be sent any more: %(why)s.") % {"why": why}
            messages.warning(request, text)
        else:
            messages.success(request, gettext("Approved. It is sent as soon as its sender may."))


def _read_at(request: HttpRequest) -> datetime | None:
    """The `held_at` of the message that the page showed."""
    try:
        return parse_datetime(request.POST.get("held_at", ""))
    except ValueError:
        return None
