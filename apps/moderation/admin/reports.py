"""The queue of reports in the Django admin."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.errors import Refused
from apps.core.large_list_admin import NameSearch
from apps.files.links import Asker, link
from apps.moderation.actions import queue
from apps.moderation.actions.people import MAX_REASON
from apps.moderation.admin.moderator_pages import (
    ForModerators,
    OwnPage,
    by_staff,
    row_id,
    shown,
    unless_refused,
)
from apps.moderation.admin.reported import Confirmation, act_on_reported, confirmation, whom
from apps.moderation.forms import ActionForm, DecisionForm, NoteForm
from apps.moderation.models import Report
from apps.moderation.queries import history, reported
from apps.moderation.queries.moderators import may_handle
from apps.moderation.queries.read_requests import may_break_glass

State = Report.State

TEMPLATES = "admin/moderation/report"


class WorkFilter(admin.SimpleListFilter):
    """Whose work the reports are. Without a choice: those that wait for a decision."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The values."""
        return [
            ("mine", gettext("Assigned to me")),
            ("decided", gettext("Decided")),
            ("all", gettext("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """As the stock filter, with a name for the choice of nothing."""
        first, *rest = super().choices(changelist)
        yield {**first, "display": gettext("Waiting")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        """The reports of the chosen value."""
        if self.value() == "mine":
            return queryset.filter(state=State.CLAIMED, claimed_by=request.user.pk)
        if self.value() == "decided":
            return queryset.filter(state=State.DECIDED)
        if self.value() == "all":
            return queryset
        return queryset.filter(state__in=(State.OPEN, State.CLAIMED))


@admin.register(Report)
class ReportAdmin(OwnPage, ForModerators, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]  # only for checkers
    """The list has no content. The page of a report has the evidence; each view is recorded."""

    # What tells reports apart comes first: a phone shows three columns.
    list_display = ("severity", "about", "state", "created", "reason", "kind", "claimed_by")
    list_display_links = ("about",)
    list_filter = (WorkFilter, "severity", "reason", "kind")
    list_select_related = ("person", "claimed_by")
    search_fields = ("person__search_name",)
    search_help_text = _("The beginning of the name of the reported person.")
    sortable_by = ("created", "severity")
    ordering = ("-id",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The filters of the list, and the reports of one person."""
        names = {each for each in self.list_filter if isinstance(each, str)}
        whole = {WorkFilter.parameter_name, "person__id__exact"}
        return lookup in whole or lookup.split("__")[0] in names

    @admin.display(description=_("reported at"), ordering="id")
    def created(self, report: Report) -> Any:
        """When."""
        return report.created_at

    @admin.display(description=_("about"))
    def about(self, report: Report) -> str:
        """Whom, or which group by its name of then."""
        return str(report.person or report.shown.get("title") or "-")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        """Without reports about the moderator: even that there is one tells who wrote it."""
        rows: QuerySet[Report] = super().get_queryset(request)
        return rows.filter(may_handle(cast(UUID, request.user.pk)))

    def get_urls(self) -> list[URLPattern]:
        """With the files of the evidence."""
        own = path(
            "<uuid:report>/file/<uuid:file>/",
            self.admin_site.admin_view(self.file_view),
            name="moderation_report_file",
        )
        return [own, *super().get_urls()]

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one report: the evidence, and buttons that run the actions."""
        report_id = row_id(object_id)
        if request.method == "POST" and (asked := confirmation(request)) is not None:
            return self._confirm(request, report_id, *asked)
        # After a refusal, the page is shown with what was typed.
        if request.method == "POST" and (address := self._act(request, report_id)):
            return redirect(address)
        opened = unless_refused(request, lambda: queue.open_report(by_staff(request), report_id))
        if opened is None:
            return redirect(reverse("admin:moderation_report_changelist"))
        report = opened.report
        user = cast(User, request.user)
        people = [each.sender_id for each in opened.evidence]
        people += [report.person_id] if report.person_id else []
        group = reported.group(user, report.chat_id, people)
        context = {
            "title": f"{report.get_reason_display()}: {report.get_kind_display()}",
            "opened": opened,
            "report": report,
            "evidence": reported.entries(user, report.chat_id, opened.evidence, group),
            "group": group,
            "can_remove": group is not None and report.person_id in group.removable,
            "max_reason": MAX_REASON,
            "chat_title": history.title_of(report.chat_id),
            "history": (
                history.of_person(report.person_id, without=report.id) if report.person_id else None
            ),
            "is_mine": report.claimed_by_id == request.user.pk,
            "is_free": queue.is_free(report),
            **_forms(request),
            "may_ask_to_read": settings.BREAK_GLASS and may_break_glass(request.user),
        }
        return self.own_page(request, f"{TEMPLATES}/change_form.html", context)

    def file_view(self, request: HttpRequest, report: UUID, file: UUID) -> HttpResponse:
        """Leads to the content of a file of the evidence, for a minute."""
        try:
            found = queue.open_file(by_staff(request), report, file)
        except Refused:
            raise Http404 from None
        address = link(
            found.key,
            name=found.name,
            media_type=found.media_type,
            inline=True,
            size=found.size,
            asker=Asker(cast(UUID, request.user.pk), request.session.session_key or ""),
        )
        return redirect(address)

    def _confirm(
        self, request: HttpRequest, report_id: UUID, button: str, asked: Confirmation
    ) -> HttpResponse:
        """Ask again before what cannot be undone. Says nothing about a report of others."""
        report = self.get_queryset(request).filter(id=report_id).first()
        if report is None:
            raise Http404
        context = {
            "title": asked.question % {"person": whom(report, request)},
            "effects": asked.effects,
            "button": button,
            "words": asked.button,
            "form": ActionForm(request.POST),
        }
        return self.own_page(request, f"{TEMPLATES}/confirm.html", context)

    def _act(self, request: HttpRequest, report_id: UUID) -> str | None:
        """Run the action of the button. Returns the page to go to; None after a refusal."""
        by, after = by_staff(request), request.path
        listed = reverse("admin:moderation_report_changelist")
        if "_claim" in request.POST:
            with shown(request, gettext("This report is yours now.")) as attempt:
                queue.claim(by, report_id)
        elif "_release" in request.POST:
            with shown(request, gettext("Others can take this report now.")) as attempt:
                queue.release(by, report_id)
                after = listed
        elif "_note" in request.POST:
            with shown(request, gettext("The note was added.")) as attempt:
                queue.add_note(by, report_id, request.POST.get("text", ""))
        elif "_decide" in request.POST:
            given = {name: request.POST.get(name, "") for name in ("outcome", "answer")}
            with shown(request, gettext("Decided. The reporter has been told.")) as attempt:
                queue.decide(by, report_id, **given)
                after = listed
        else:
            return after if act_on_reported(request, report_id) else None
        return None if attempt.refused else after


def _forms(request: HttpRequest) -> dict[str, Any]:
    """The forms of the page; that of a refused action has what was typed. `typed_seq`: of which
    entry it was."""
    asked = request.POST
    of_others = {"_claim", "_release", "_note", "_decide"}
    acted = request.method == "POST" and not of_others & set(asked)
    action = ActionForm(asked if acted else None)
    action.full_clean()
    seq = action.cleaned_data.get("seq") if acted else None
    return {
        "decision": DecisionForm(asked if "_decide" in asked else None),
        "note": NoteForm(asked if "_note" in asked else None),
        "action": ActionForm() if seq else action,
        "typed_seq": seq,
        "typed_reason": asked.get("reason", ""),
    }
