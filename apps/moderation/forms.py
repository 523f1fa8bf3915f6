"""Forms of moderation in the Django admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminSplitDateTime

from apps.accounts.models import PersonWarning, Slowdown, Suspension
from apps.moderation.actions.people import MAX_INTERVAL_S, MAX_REASON
from apps.moderation.actions.queue import MAX_ANSWER, MAX_NOTE
from apps.moderation.models import ReadRequest, Report


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
        help_text="For the audit log. People who are warned, slowed down, suspended or banned read "
        "it, and so do the members of a closed group: write no notes.",
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2, "cols": 80}),
    )
    until = forms.SplitDateTimeField(
        label="Suspend or slow down until", required=False, widget=AdminSplitDateTime
    )
    interval_s = forms.IntegerField(
        label="Slow down: seconds between messages",
        required=False,
        min_value=1,
        max_value=MAX_INTERVAL_S,
    )


class WarningForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to warn, of what, and the report that it refers to."""

    class Meta:
        model = PersonWarning
        fields = ("user", "text", "report")
        help_texts = {
            "user": "The id of the person.",
            "text": "The person reads it.",
            "report": "The id of a report about the person, which shows them the message.",
        }


class SlowdownForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whom to slow down, how much, until when, and why."""

    class Meta:
        model = Slowdown
        fields = ("user", "interval_s", "until", "reason")
        help_texts = {"user": "The id of the person.", "reason": "The person reads it."}

    def validate_unique(self) -> None:
        """A slowdown replaces the one that the person has."""


def _moment() -> forms.DateTimeInput:
    """The browser's own field for a day and a time, with one label."""
    return forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ReadRequestForm(forms.Form):
    """Which part of which chat to read, for how long, and why."""

    chat = forms.UUIDField(label="Chat", help_text="Its id: reports and the audit log have it.")
    since = forms.DateTimeField(label="Messages from", widget=_moment())
    until = forms.DateTimeField(
        label="Messages to", help_text="Empty: to now.", required=False, widget=_moment()
    )
    reason = forms.ChoiceField(
        choices=ReadRequest.Reason.choices, help_text="The members are told this one."
    )
    text = forms.CharField(
        label="In your words",
        help_text="For the moderator who decides, and for the audit log.",
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 3, "cols": 80}),
    )
    hours = forms.IntegerField(
        label="Hours to read", help_text="They begin with the approval.", min_value=1, initial=1
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].widget.attrs["max"] = settings.BREAK_GLASS_MAX_HOURS


class RefusalForm(forms.Form):
    """Why a request is refused."""

    reason = forms.CharField(
        label="Why you refuse",
        help_text="For the audit log.",
        required=False,
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2, "cols": 80}),
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
