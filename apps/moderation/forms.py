"""Forms of moderation in the Django admin."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.helpers import ActionForm as ListActionForm
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import BigIntegerField
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PersonWarning, Slowdown, Suspension, User
from apps.core.runtime import runtime
from apps.moderation.actions.people import MAX_INTERVAL_S, MAX_REASON
from apps.moderation.actions.queue import MAX_ANSWER, MAX_NOTE
from apps.moderation.models import ReadRequest, Report

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

OUTCOMES = {
    Report.Outcome.ACTION: _("something was done"),
    Report.Outcome.NO_ACTION: _("nothing was done"),
}


def _zone_text() -> str:
    zone = timezone.get_current_timezone_name()
    return gettext("The time zone is %(zone)s.") % {"zone": zone}


# Next to each field for a time: the zone of the page, not that of the browser.
ZONE = lazy(_zone_text, str)()


def _moment() -> forms.DateTimeInput:
    """The browser's own field for a day and a time, with one label."""
    return forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _words(
    label: "_StrPromise",
    help_text: "_StrPromise | str" = "",
    *,
    most: int = MAX_REASON,
    rows: int = 2,
) -> forms.CharField:
    """A field for some sentences."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        widget=forms.Textarea({"rows": rows, "cols": 80}),
    )


def _person() -> "forms.ModelChoiceField[User]":
    """A person by the username, as one types it."""
    return forms.ModelChoiceField(
        User.objects.filter(erased_at=None),
        label=_("Username"),
        to_field_name="username",
        widget=AdminTextInputWidget,
        error_messages={"invalid_choice": _("There is no such account.")},
    )


class NoteForm(forms.Form):
    """A note for other moderators."""

    text = _words(_("Note for other moderators"), most=MAX_NOTE, rows=3)


class DecisionForm(forms.Form):
    """How a report ends."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=OUTCOMES.items(), widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label=_("Answer to the reporter"),
        help_text=_("They read it in the app. Say nothing about the other person."),
        required=False,
        max_length=MAX_ANSWER,
        widget=forms.Textarea({"rows": 3, "cols": 80}),
    )


class ReasonForm(forms.Form):
    """The reason of an action on a group or one of its members."""

    reason = _words(
        _("Reason"),
        _(
            "For the audit log. Who is removed from the group reads it, and so do the members of "
            "a closed group: write no notes."
        ),
    )


class ActionForm(forms.Form):
    """The reason of an action on the reported person, an entry or the group, and until when.

    `seq`: the entry; none: the reported one, or its author.
    """

    seq = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=BigIntegerField.MAX_BIGINT,
        widget=forms.HiddenInput,
    )

    reason = _words(
        _("Reason"),
        _(
            "For the audit log. The person reads it, whatever you do to them, and so do the "
            "members of a closed group: write no notes."
        ),
    )
    until = forms.DateTimeField(
        label=_("Suspend or slow down until"), help_text=ZONE, required=False, widget=_moment()
    )
    interval_s = forms.IntegerField(
        label=_("Slow down: seconds between messages"),
        required=False,
        min_value=1,
        max_value=MAX_INTERVAL_S,
    )


class WarningForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to warn, and of what."""

    user = _person()

    class Meta:
        model = PersonWarning
        fields = ("user", "text")
        labels = {"text": _("Warning")}
        help_texts = {
            "text": _(
                "The person reads it. To show them the message that it is about, "
                "warn them on the page of its report."
            ),
        }


class SlowdownForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to slow down, how much, until when, and why."""

    user = _person()
    until = forms.DateTimeField(label=_("Slow down until"), help_text=ZONE, widget=_moment())

    class Meta:
        model = Slowdown
        fields = ("user", "interval_s", "until", "reason")
        labels = {
            "interval_s": _("Seconds between messages"),
            "reason": _("Reason"),
        }
        help_texts = {"reason": _("For the audit log. The person reads it: write no notes.")}

    def validate_unique(self) -> None:
        """A slowdown replaces the one that the person has."""


class ReadRequestForm(forms.Form):
    """Which part of which chat to read, for how long, and why."""

    chat = forms.UUIDField(
        label=_("Chat"), help_text=_("Its id: reports and the audit log have it.")
    )
    since = forms.DateTimeField(label=_("Messages from"), help_text=ZONE, widget=_moment())
    until = forms.DateTimeField(
        label=_("Messages to"), help_text=_("Empty: to now."), required=False, widget=_moment()
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        # Of the field and not of the class: the admin gives that one its words.
        choices=lambda: ReadRequest._meta.get_field("reason").flatchoices,
        help_text=_("The members are told this one."),
    )
    text = _words(
        _("In your words"), _("For the moderator who decides, and for the audit log."), rows=3
    )
    hours = forms.IntegerField(
        label=_("Hours to read"),
        help_text=_("They begin with the approval."),
        min_value=1,
        initial=1,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].widget.attrs["max"] = runtime.BREAK_GLASS_MAX_HOURS


class RefusalForm(forms.Form):
    """Why a request is refused."""

    reason = _words(_("Why you refuse"), _("For the audit log."))


class HeldRefusalForm(forms.Form):
    """Why a message that waits is refused."""

    reason = _words(_("Why you refuse"), _("The sender reads it."))


class LiftForm(ListActionForm):
    """The action on a list of suspensions, and its reason."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=MAX_REASON)


class SuspensionDecisionForm(forms.Form):
    """Why a suspension is lifted or kept."""

    reason = _words(_("Reason"), _("For the audit log."))


class SuspensionForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to suspend, until when, and why."""

    user = _person()
    until = forms.DateTimeField(
        label=_("Suspend until"), help_text=ZONE, required=False, widget=_moment()
    )
    is_ban = forms.BooleanField(
        label=_("Ban, without an end"),
        required=False,
        help_text=_(
            "The account is closed for good, groups of the person get another owner, and what "
            "ended does not come back. Otherwise choose a time."
        ),
    )

    class Meta:
        model = Suspension
        fields = ("user", "until", "reason")
        labels = {"reason": _("Reason")}
        help_texts = {"reason": _("For the audit log. The person reads it: write no notes.")}

    def clean(self) -> dict[str, Any]:
        """Either an end, or a ban."""
        given = super().clean() or {}
        if bool(given.get("until")) == bool(given.get("is_ban")) and "until" in given:
            self.add_error("until", gettext("Choose a time, or a ban."))
        return given

    def validate_unique(self) -> None:
        """A suspension replaces the one that the person has."""
