"""Forms of moderation in the Django admin."""

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime

from apps.accounts.models import Suspension
from apps.moderation.actions.people import MAX_REASON
from apps.moderation.actions.queue import MAX_ANSWER, MAX_NOTE
from apps.moderation.models import Report


class NoteForm(forms.Form):
    """A note for other moderators."""

    text = forms.CharField(
        label="Note for other moderators",
        max_length=MAX_NOTE,
        widget=forms.Textarea({"rows": 3, "cols": 80}),
    )


class DecisionForm(forms.Form):
    """How a report ends."""

    outcome = forms.ChoiceField(choices=Report.Outcome.choices, widget=forms.RadioSelect)
    answer = forms.CharField(
        label="Answer to the reporter",
        help_text="They read it in the app. Say nothing about the other person.",
        required=False,
        max_length=MAX_ANSWER,
        widget=forms.Textarea({"rows": 3, "cols": 80}),
    )


class ActionForm(forms.Form):
    """The reason of an action on the reported person or message, and until when."""

    reason = forms.CharField(
        help_text="For the audit log. People who are suspended or banned read it: write no notes.",
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2, "cols": 80}),
    )
    until = forms.SplitDateTimeField(
        label="Suspend until", required=False, widget=AdminSplitDateTime
    )


class SuspensionForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to suspend, until when, and why."""

    class Meta:
        model = Suspension
        fields = ("user", "until", "reason")
        help_texts = {
            "user": "The id of the person.",
            "until": "Empty: banned, without an end.",
            "reason": "For the audit log. The person gets it with their data.",
        }

    def validate_unique(self) -> None:
        """A suspension replaces the one that the person has."""
