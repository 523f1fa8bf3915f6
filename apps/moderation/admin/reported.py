"""The buttons on the page of a report that act on what was reported."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts.models import Ending
from apps.accounts.queries import endings
from apps.core.errors import NotFound
from apps.moderation.actions import chats, entries, people
from apps.moderation.admin.doors import by_staff, shown
from apps.moderation.forms import ActionForm
from apps.moderation.models import Report

ON_MESSAGES = {
    "_hide": (entries.hide, "The message is hidden."),
    "_restore": (entries.restore, "The message is shown again."),
    "_delete": (entries.delete, "The message is deleted."),
}


ON_GROUPS = {
    "_close": (chats.close_chat, "The group is closed."),
    "_reopen": (chats.reopen_chat, "The group is open again."),
}


def act_on_reported(request: HttpRequest, report_id: UUID) -> None:
    """Act on the reported person, message or group, as the button says."""
    form = ActionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write a reason.")
        return
    with shown(request):
        report = Report.objects.filter(id=report_id).first()
        if report is None:
            raise NotFound
        if report.chat_id is not None:
            _on_chat(request, report, report.chat_id, form.cleaned_data["reason"])
        if report.person_id is not None:
            _on_person(request, report, report.person_id, form)


def _on_chat(request: HttpRequest, report: Report, chat: UUID, reason: str) -> None:
    for button, (action, done) in ON_MESSAGES.items():
        if button in request.POST and report.seq:
            action(by_staff(request), chat, report.seq, reason=reason)
            messages.success(request, done)
    for button, (change, done) in ON_GROUPS.items():
        if button in request.POST:
            change(by_staff(request), chat, reason=reason)
            messages.success(request, done)
    if "_remove" in request.POST and report.person_id:
        chats.remove_member(by_staff(request), chat, report.person_id, reason=reason)
        messages.success(request, "The person is no longer in the group.")
    if "_revoke_links" in request.POST:
        count = chats.revoke_links(by_staff(request), chat, reason=reason)
        messages.success(request, f"Revoked invite links: {count}.")


def _on_person(request: HttpRequest, report: Report, person: UUID, form: ActionForm) -> None:
    reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
    interval_s = form.cleaned_data["interval_s"]
    by, asked = by_staff(request), request.POST
    if "_warn" in asked:
        people.warn(by, person, reason=reason, report=report.id)
        messages.success(request, "The person was warned.")
    elif "_slow" in asked and (until is None or interval_s is None):
        messages.error(request, "Until when, and how many seconds between messages?")
    elif "_slow" in asked:
        people.slow_down(
            by, person, interval_s=interval_s, until=until, reason=reason, report=report.id
        )
        messages.success(request, "The person is slowed down.")
    elif "_suspend" in asked and until is None:
        messages.error(request, "Until when?")
    elif "_suspend" in asked or "_ban" in asked:
        ending = people.suspend(
            by,
            person,
            until=until if "_suspend" in asked else None,
            reason=reason,
            report=report.id,
        )
        show_receipt(request, ending)


def show_receipt(request: HttpRequest, ending: Ending | None) -> None:
    """Say what ended, and lead whoever may see it to the record of when each was over."""
    if ending is None:
        return
    text = format_html("Access ended: {}.", endings.totals(ending, ending.parts.all()))
    if request.user.has_perm("accounts.view_ending"):
        page = reverse("admin:accounts_ending_change", args=[ending.id])
        text = format_html('{} <a href="{}">Record</a>', text, page)
    messages.success(request, text)
