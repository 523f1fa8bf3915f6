"""The forms of bots, their tokens, and webhooks. The actions validate what they hold."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.accounts.actions.profile import MAX_LENGTHS
from apps.accounts.scopes import SCOPES
from apps.core.refusable_form import RefusableForm

DAYS = (
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    ("", gettext_lazy("Until it is revoked")),
)
# What most bots need: to answer what is said to them.
AT_FIRST = ("chats:read", "messages:write")


class BotProfileForm(RefusableForm):
    """What others see of a bot."""

    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=MAX_LENGTHS["name"]
    )
    about = forms.CharField(
        label=gettext_lazy("What it does"), required=False, max_length=MAX_LENGTHS["about"]
    )


class NewBotForm(BotProfileForm):
    """A bot to be made."""

    username = forms.CharField(label=gettext_lazy("Username"), max_length=32)
    field_order = ("name", "username", "about")


class NewTokenForm(RefusableForm):
    """A token to be made."""

    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=[(name, scope.words) for name, scope in SCOPES.items()],
        initial=AT_FIRST,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        label=gettext_lazy("How long it lasts"), choices=DAYS, required=False, initial="90"
    )

    def expires_at(self) -> datetime | None:
        """When the token ends; None: when it is revoked."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class NewIncomingForm(RefusableForm):
    """An incoming webhook to be made."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=MAX_LENGTHS["name"])
