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


def act_on_reported(request: HttpRequest, report_id: UUID) -> None:
    """Act on the reported person, message or group, as the button says."""
    form = ActionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write a reason.")
        return
    reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
    with shown(request):
        report = Report.objects.filter(id=report_id).first()
        if report is None:
            raise NotFound
        for button, (action, done) in ON_MESSAGES.items():
            if button in request.POST and report.chat_id and report.seq:
                action(by_staff(request), report.chat_id, report.seq, reason=reason)
                messages.success(request, done)
        if "_remove" in request.POST and report.chat_id and report.person_id:
            chats.remove_member(by_staff(request), report.chat_id, report.person_id, reason=reason)
            messages.success(request, "The person is no longer in the group.")
        if "_revoke_links" in request.POST and report.chat_id:
            count = chats.revoke_links(by_staff(request), report.chat_id, reason=reason)
            messages.success(request, f"Revoked invite links: {count}.")
        if report.person_id and "_suspend" in request.POST and until is None:
            messages.error(request, "Until when?")
        elif report.person_id and ("_suspend" in request.POST or "_ban" in request.POST):
            ending = people.suspend(
                by_staff(request),
                report.person_id,
                until=until if "_suspend" in request.POST else None,
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
