"""Break-glass in the Django admin: asking to read a chat, deciding, and reading."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refused
from apps.core.large_list_admin import LargeList
from apps.core.runtime import runtime
from apps.moderation.actions import break_glass
from apps.moderation.admin.moderator_pages import (
    ForModerators,
    OwnPage,
    by_staff,
    row_id,
    shown,
    unless_refused,
)
from apps.moderation.forms import ReadRequestForm, RefusalForm
from apps.moderation.models import ReadRequest
from apps.moderation.queries.read_requests import (
    chat_name,
    described,
    may_break_glass,
    visible_to,
)

LIST = "admin:moderation_readrequest_changelist"
PAGE = "admin:moderation_readrequest_change"
TEMPLATES = "admin/moderation/readrequest"


@admin.register(ReadRequest)
class ReadRequestAdmin(OwnPage, ForModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """Who asked to read which chat, and what became of it. No page but `read` has messages."""

    needs = "break_glass"
    list_display = ("asked_at", "chat", "reason", "asked_by", "now", "over_at")
    list_display_links = ("asked_at",)
    list_filter = ("state",)
    list_select_related = ("asked_by",)
    sortable_by = ()
    ordering = ("-id",)

    @admin.display(description=_("chat"))
    def chat(self, row: ReadRequest) -> str:
        """Its title, or its two people."""
        return chat_name(row)

    @admin.display(description=_("state"))
    def now(self, row: ReadRequest) -> str:
        """The state, also when it has expired."""
        expired = row.state == ReadRequest.State.APPROVED and not row.is_open(timezone.now())
        return gettext("expired") if expired else row.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReadRequest]:
        """Those that the moderator may see, with the names of the chats."""
        return described(visible_to(cast(UUID, request.user.pk))).order_by("-id")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Moderators who may read chats, where that is possible or was."""
        used = settings.BREAK_GLASS or ReadRequest.objects.exists()
        return used and self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Moderators who may read chats."""
        return may_break_glass(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same, where it is switched on."""
        return settings.BREAK_GLASS and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """With the page that shows messages."""
        own = path(
            "<uuid:request_id>/read/",
            self.admin_site.admin_view(self.read_view),
            name="moderation_readrequest_read",
        )
        return [own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask to read a chat."""
        if not self.has_add_permission(request):
            messages.error(request, gettext("Reading chats is switched off, or not for you."))
            return redirect(reverse("admin:index"))
        form = ReadRequestForm(request.POST or None, initial={"chat": request.GET.get("chat")})
        if request.method == "POST" and form.is_valid():
            try:
                row = break_glass.ask(by_staff(request), break_glass.Asked(**form.cleaned_data))
            except Refused as error:
                form.add_error(None, gettext(error.detail))
            else:
                messages.success(request, gettext("Another moderator has to approve it now."))
                return redirect(reverse(PAGE, args=[row.id]))
        context = {"title": gettext("Ask to read a chat"), "form": form}
        return self.own_page(request, f"{TEMPLATES}/ask.html", context)

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one request, with buttons that run the actions."""
        row = self._row(request, object_id)
        # After a refusal, the page is shown with what was typed.
        if request.method == "POST" and self._act(request, row.id):
            return redirect(request.path)
        waits = row.state == ReadRequest.State.WAITING
        is_open, is_mine = row.is_open(timezone.now()), row.asked_by_id == request.user.pk
        context = {
            "title": gettext("Reading %(chat)s") % {"chat": chat_name(row)},
            "row": row,
            "chat": chat_name(row),
            "state": self.now(row),
            "may_decide": waits and not is_mine,
            "may_read": is_open and is_mine and settings.BREAK_GLASS,
            "may_end": is_open or (waits and is_mine),
            "delay": runtime.BREAK_GLASS_DELAY,
            "refusal": RefusalForm(request.POST if "_refuse" in request.POST else None),
        }
        return self.own_page(request, f"{TEMPLATES}/request.html", context)

    def read_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """A page of the chat, which is recorded."""
        row = self._row(request, str(request_id))
        after = request.GET.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 19):
            raise Http404
        by = by_staff(request)
        page = unless_refused(request, lambda: break_glass.read(by, request_id, after=int(after)))
        if page is None:
            return redirect(reverse(PAGE, args=[request_id]))
        context = {
            "title": gettext("Messages of %(chat)s") % {"chat": chat_name(row)},
            "row": row,
            "entries": page.entries,
            "following": page.following,
        }
        return self.own_page(request, f"{TEMPLATES}/read.html", context)

    def _act(self, request: HttpRequest, request_id: UUID) -> bool:
        """Run the action of the button. Returns whether it was not refused."""
        by = by_staff(request)
        if "_approve" in request.POST:
            with shown(
                request, gettext("Approved. The moderator who asked can read now.")
            ) as attempt:
                break_glass.approve(by, request_id)
        elif "_refuse" in request.POST:
            with shown(request, gettext("Refused.")) as attempt:
                break_glass.refuse(by, request_id, reason=request.POST.get("reason", ""))
        elif "_end" in request.POST:
            with shown(request, gettext("Nobody can read it any more.")) as attempt:
                break_glass.end(by, request_id)
        else:
            return True
        return not attempt.refused

    def _row(self, request: HttpRequest, object_id: str) -> ReadRequest:
        if not self.has_view_permission(request):
            raise Http404
        rows = self.get_queryset(request).select_related("asked_by", "decided_by")
        row = rows.filter(id=row_id(object_id)).first()
        if row is None:
            raise Http404
        return row
