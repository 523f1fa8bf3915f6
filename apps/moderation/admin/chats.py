"""Chats in the Django admin: who is in them and how large they are, and never a message."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.chats.models import Chat
from apps.chats.queries.invite_links import usable_links
from apps.core.errors import NotFound
from apps.core.large_list_admin import LargeList, NewestFilter
from apps.moderation.actions import chats as actions
from apps.moderation.actions import resets
from apps.moderation.admin.moderator_pages import ForModerators, OwnPage, by_staff, row_id, shown
from apps.moderation.forms import ReasonForm
from apps.moderation.models import ModeratedChat
from apps.moderation.queries import chats
from apps.moderation.queries.read_requests import may_break_glass

TEMPLATE = "admin/moderation/moderatedchat/chat.html"


class KindFilter(NewestFilter):
    """Groups, or direct chats."""

    title = _("kind, of the newest")
    parameter_name = "kind"
    column, order = "kind", "id"
    words = {Chat.Kind.GROUP.value: _("group"), Chat.Kind.DIRECT.value: _("direct chat")}


class ClosedFilter(admin.SimpleListFilter):
    """Groups that moderators closed: they have an index."""

    title = _("state")
    parameter_name = "closed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The value."""
        return [("1", gettext("closed groups"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The closed ones."""
        return queryset.exclude(closed_reason="") if self.value() == "1" else queryset


class CountedChats(ChangeList):
    """A page of chats, each with the number of its members, from one query."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page, counted."""
        super().get_results(request)
        numbers = chats.members_of([row.id for row in self.result_list])
        for row in self.result_list:
            row.member_count = numbers[row.id]


@admin.register(ModeratedChat)
class ModeratedChatAdmin(OwnPage, ForModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """Administrators see all chats; moderators those of which something was reported."""

    list_display = ("created_at", "name", "which", "members", "last_seq", "active_at", "closed")
    list_display_links = ("created_at", "name")
    list_filter = (ClosedFilter, KindFilter)
    list_per_page = 50
    fields = list_display
    search_fields = ("id",)
    search_help_text = _("The id of a chat, or the whole username of a member.")
    sortable_by = ()
    ordering = ("-id",)

    @admin.display(description=_("chat"))
    def name(self, row: ModeratedChat) -> str:
        """Its title, or its two people."""
        return chats.chat_name(row)

    @admin.display(description=_("kind"))
    def which(self, row: ModeratedChat) -> str:
        """A group, or a direct chat."""
        return str(KindFilter.words[row.kind])

    @admin.display(description=_("members"))
    def members(self, row: ModeratedChat) -> str:
        """How many."""
        number = getattr(row, "member_count", 0)
        return f"{number}+" if number == chats.MAX_MEMBERS_COUNTED else str(number)

    @admin.display(description=_("closed, because"))
    def closed(self, row: ModeratedChat) -> str:
        """Why moderators closed it."""
        return row.closed_reason or "-"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """With the numbers of members."""
        return CountedChats

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModeratedChat]:
        """Those that the moderator reaches."""
        return chats.visible_to(cast(User, request.user))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ModeratedChat], search_term: str
    ) -> tuple[QuerySet[ModeratedChat], bool]:
        """By a whole id or username, which indexes have."""
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        try:
            return queryset.filter(id=UUID(words)), False
        except ValueError:
            return chats.of_person(queryset, words), False

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one chat, with buttons that run the actions."""
        row = self._row(request, object_id)
        form = ReasonForm(request.POST or None)
        # After a refusal, the page is shown with what was typed.
        if form.is_valid() and _act(request, row.id, form.cleaned_data["reason"]):
            return redirect(request.path)
        context = {
            "title": chats.chat_name(row),
            "row": row,
            "kind": self.which(row),
            "is_group": row.kind == Chat.Kind.GROUP,
            "member_count": chats.count_members(row.id),
            "members": chats.member_page(row.id, after=_uuid(request.GET.get("after"))),
            "links": chats.links(usable_links().filter(chat_id=row.id)),
            "files": chats.files(row.id),
            "form": form,
            "may_see_people": request.user.has_perm("accounts.view_user"),
            "may_ask_to_read": settings.BREAK_GLASS and may_break_glass(request.user),
        }
        return self.own_page(request, TEMPLATE, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """None: the audit log has it."""
        raise Http404

    def _row(self, request: HttpRequest, object_id: str) -> ModeratedChat:
        if not self.has_view_permission(request):
            raise Http404
        row = chats.get(cast(User, request.user), row_id(object_id))
        if row is None:
            raise Http404
        return row


def _act(request: HttpRequest, chat_id: UUID, reason: str) -> bool:
    """Run the action of the button. Returns whether it was not refused."""
    by = by_staff(request)
    with shown(request) as attempt:
        if "_close" in request.POST:
            actions.close_chat(by, chat_id, reason=reason)
            messages.success(request, gettext("The group is closed."))
        elif "_reopen" in request.POST:
            actions.reopen_chat(by, chat_id, reason=reason)
            messages.success(request, gettext("The group is open again."))
        elif "_reset_title" in request.POST:
            resets.reset_title(by, chat_id, reason=reason)
            messages.success(request, gettext("The group has a neutral title."))
        elif "_reset_group_picture" in request.POST:
            resets.reset_group_picture(by, chat_id, reason=reason)
            messages.success(request, gettext("The group has no picture any more."))
        elif "_revoke_link" in request.POST:
            actions.revoke_link(by, chat_id, _posted(request, "_revoke_link"), reason=reason)
            messages.success(request, gettext("The link is revoked."))
        elif "_revoke_links" in request.POST:
            count = actions.revoke_links(by, chat_id, reason=reason)
            text = gettext("Revoked invite links: %(count)s.") % {"count": count}
            messages.success(request, text)
        elif "_remove" in request.POST:
            actions.remove_member(by, chat_id, _posted(request, "_remove"), reason=reason)
            messages.success(request, gettext("The person is no longer in the group."))
    return not attempt.refused


def _posted(request: HttpRequest, button: str) -> UUID:
    """The id that is the value of a button. Raises NotFound."""
    found = _uuid(request.POST[button])
    if found is None:
        raise NotFound
    return found


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
