"""The form of an outgoing webhook. The actions validate what it holds."""

from django import forms
from django.utils.translation import gettext_lazy

from apps.core.refusable_form import RefusableForm
from apps.integrations.event_words import EVENT_WORDS
from apps.integrations.events import EventType


class OutgoingWebhookForm(RefusableForm):
    """Where events are sent, and which."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2048,
        help_text=gettext_lazy("It begins with https://. Each event is sent there at once."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("For the people who manage this group."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(each.value, EVENT_WORDS[each]) for each in EventType],
        initial=[EventType.MESSAGE_CREATED.value],
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=gettext_lazy("Only messages with one of these words"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Separated by commas. Without any, all messages are sent."),
    )

    def fields_of_action(self) -> dict[str, object]:
        """What `actions.outgoing.make` and `change` take."""
        words = [each.strip() for each in self.cleaned_data["words"].split(",")]
        return {**self.cleaned_data, "words": [each for each in words if each]}
