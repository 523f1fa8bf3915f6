"""Forms of moderation in the Django admin."""

from typing import Any

from django import forms
from django.contrib.admin.helpers import ActionForm as ListActionForm
from django.contrib.admin.widgets import AdminSplitDateTime, AdminTextInputWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Suspension, User
from apps.moderation.actions.people import MAX_REASON
from apps.moderation.actions.queue import MAX_ANSWER, MAX_NOTE
from apps.moderation.models import Report

OUTCOMES = {
    Report.Outcome.ACTION: _("something was done"),
    Report.Outcome.NO_ACTION: _("nothing was done"),
}


class NoteForm(forms.Form):
    """A note for other moderators."""

    text = forms.CharField(
        label=_("Note for other moderators"),
        max_length=MAX_NOTE,
        widget=forms.Textarea({"rows": 3, "cols": 80}),
    )


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


class ActionForm(forms.Form):
    """The reason of an action on the reported person or message, and until when."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_(
            "For the audit log. People who are suspended or banned read it: write no notes."
        ),
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2, "cols": 80}),
    )
    until = forms.SplitDateTimeField(
        label=_("Suspend until"), required=False, widget=AdminSplitDateTime
    )


class LiftForm(ListActionForm):
    """The action on a list of suspensions, and its reason."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=MAX_REASON)


class SuspensionForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to suspend, until when, and why."""

    user = forms.ModelChoiceField(
        User.objects.filter(erased_at=None),
        label=_("Username"),
        to_field_name="username",
        widget=AdminTextInputWidget,
        error_messages={"invalid_choice": _("There is no such account.")},
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
        labels = {"until": _("Suspend until"), "reason": _("Reason")}
        help_texts = {"reason": _("For the audit log. The person reads it: write no notes.")}

    def clean(self) -> dict[str, Any]:
        """Either an end, or a ban."""
        given = super().clean() or {}
        if bool(given.get("until")) == bool(given.get("is_ban")) and "until" in given:
            self.add_error("until", gettext("Choose a time, or a ban."))
        return given

    def validate_unique(self) -> None:
        """A suspension replaces the one that the person has."""
