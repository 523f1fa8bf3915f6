"""The buttons on the page of a report that act on what was reported."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Ending
from apps.accounts.queries import endings
from apps.core.errors import NotFound
from apps.moderation.actions import chats, entries, people, resets
from apps.moderation.admin.moderator_pages import by_staff, shown
from apps.moderation.forms import ActionForm
from apps.moderation.models import Report


class Confirmation(NamedTuple):
    """What is asked before an action, what will happen, and the words of the button."""

    question: str | Promise
    effects: tuple[str | Promise, ...]
    button: str | Promise


ON_MESSAGES = {
    "_hide": (entries.hide, _("The message is hidden.")),
    "_restore": (entries.restore, _("The message is shown again.")),
    "_delete": (entries.delete, _("The message is deleted.")),
}


ON_GROUPS = {
    "_close": (chats.close_chat, _("The group is closed.")),
    "_reopen": (chats.reopen_chat, _("The group is open again.")),
    "_reset_title": (resets.reset_title, _("The group has a neutral title.")),
    "_reset_group_picture": (resets.reset_group_picture, _("The group has no picture any more.")),
}
ON_PEOPLE: dict[str, tuple[Callable[..., object], Promise]] = {
    "_warn": (people.warn, _("The person was warned.")),
    "_lift": (people.lift, _("The person can sign in again.")),
    "_end_slowdown": (people.end_slowdown, _("The person can write as before.")),
    "_reset_name": (resets.reset_name, _("The person has no name any more, only a username.")),
    "_reset_about": (resets.reset_about, _("What the person wrote about themselves is removed.")),
    "_reset_picture": (resets.reset_picture, _("The person has no picture any more.")),
}
# What cannot be undone, or not wholly, asks again. By the name of its button.
CONFIRMED = {
    "_suspend": Confirmation(
        _("Suspend %(person)s?"),
        (
            _("The account is closed until the time that you chose, or until moderators lift it."),
            _("All sessions, apps, connections, pushes and scheduled messages end."),
            _("Invite links stop working. What ended does not come back."),
            _("The person reads your reason and can answer once."),
        ),
        _("Suspend the person"),
    ),
    "_ban": Confirmation(
        _("Ban %(person)s?"),
        (
            _("The account is closed without an end, until moderators lift the ban."),
            _("All sessions, apps, connections, pushes and scheduled messages end."),
            _("Invite links stop working, and groups that the person owns get another owner."),
            _("The person reads your reason and can answer once."),
        ),
        _("Ban the person"),
    ),
    "_delete": Confirmation(
        _("Delete the message of %(person)s for all?"),
        (
            _("It is gone for everybody, with its files. It cannot be restored."),
            _("The evidence of this report stays."),
            _("Hiding it can be undone."),
        ),
        _("Delete it for all"),
    ),
}


def confirmation(request: HttpRequest) -> tuple[str, Confirmation] | None:
    """The button, and what is still to be confirmed before its action."""
    form = ActionForm(request.POST)
    if "_confirmed" in request.POST or not form.is_valid() or _missing(request, form):
        return None
    return next((each for each in CONFIRMED.items() if each[0] in request.POST), None)


def whom(report: Report, request: HttpRequest) -> str:
    """The name of the person whom the action concerns, for its confirmation."""
    seq = request.POST.get("seq", "")
    entry = report.evidence.filter(seq=seq).first() if seq else None
    return entry.sender_name if entry else str(report.person)


def act_on_reported(request: HttpRequest, report_id: UUID) -> bool:
    """Act on the reported person, an entry or the group, as the button says. Returns whether it was
    not refused."""
    form = ActionForm(request.POST)
    if not form.is_valid():
        reason = gettext("Write a reason.")
        other = gettext("Please correct the errors below.")
        messages.error(request, reason if "reason" in form.errors else other)
        return False
    if (missing := _missing(request, form)) is not None:
        messages.error(request, missing)
        return False
    with shown(request) as attempt:
        report = Report.objects.filter(id=report_id).first()
        if report is None:
            raise NotFound
        if report.chat_id is not None:
            _on_chat(request, report, report.chat_id, form)
        if report.person_id is not None:
            _on_person(request, report, report.person_id, form)
    return not attempt.refused


def _missing(request: HttpRequest, form: ActionForm) -> str | None:
    """What an action needs in addition to a reason, and did not get."""
    until, interval_s = form.cleaned_data["until"], form.cleaned_data["interval_s"]
    if "_slow" in request.POST and (until is None or interval_s is None):
        return gettext("Until when, and how many seconds between messages?")
    return gettext("Until when?") if "_suspend" in request.POST and until is None else None


def _on_chat(request: HttpRequest, report: Report, chat: UUID, form: ActionForm) -> None:
    reason, seq = form.cleaned_data["reason"], form.cleaned_data["seq"] or report.seq
    for button, (action, done) in ON_MESSAGES.items():
        if button in request.POST and seq:
            action(by_staff(request), chat, seq, reason=reason)
            messages.success(request, str(done))
    for button, (change, done) in ON_GROUPS.items():
        if button in request.POST:
            change(by_staff(request), chat, reason=reason)
            messages.success(request, str(done))
    if "_remove" in request.POST and (person := _sender(report, form.cleaned_data["seq"])):
        chats.remove_member(by_staff(request), chat, person, reason=reason)
        messages.success(request, gettext("The person is no longer in the group."))
    if "_revoke_links" in request.POST:
        count = chats.revoke_links(by_staff(request), chat, reason=reason)
        text = gettext("Revoked invite links: %(count)s.") % {"count": count}
        messages.success(request, text)


def _sender(report: Report, seq: int | None) -> UUID | None:
    """Who wrote an entry of the evidence; without one, the reported person."""
    if seq is None:
        return report.person_id
    return report.evidence.filter(seq=seq).values_list("sender_id", flat=True).first()


def _on_person(request: HttpRequest, report: Report, person: UUID, form: ActionForm) -> None:
    reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
    interval_s = form.cleaned_data["interval_s"]
    by, asked = by_staff(request), request.POST
    if button := next((each for each in ON_PEOPLE if each in asked), None):
        action, done = ON_PEOPLE[button]
        more = {"report": report.id} if button == "_warn" else {}
        action(by, person, reason=reason, **more)
        messages.success(request, str(done))
    elif "_slow" in asked:
        people.slow_down(
            by, person, interval_s=interval_s, until=until, reason=reason, report=report.id
        )
        messages.success(request, gettext("The person is slowed down."))
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
    """Say what ended, and lead those who may see it to the record of when each was over."""
    if ending is None:
        return
    text = format_html(gettext("Access ended: {}."), endings.totals(ending, ending.parts.all()))
    if request.user.has_perm("accounts.view_ending"):
        page = reverse("admin:accounts_ending_change", args=[ending.id])
        text = format_html('{} <a href="{}">{}</a>', text, page, gettext("Record"))
    messages.success(request, text)
