"""The profile page's form."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.html import format_html

from apps.accounts.actions.profile import LONGEST
from apps.wire import bodies

# The wire's names beside the form's: a form has a `name` of its own.
FIELDS = {
    "username": "username",
    "name": "display_name",
    "about": "about",
    "locale": "locale",
    "time_zone": "time_zone",
}


class ProfileForm(forms.Form):
    """Everything a person may change about themselves; the action judges it."""

    display_name = forms.CharField(max_length=LONGEST["name"], required=False)
    username = forms.CharField(max_length=32)
    about = forms.CharField(max_length=LONGEST["about"], required=False)
    email = forms.EmailField(required=False)
    locale = forms.ChoiceField(choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(choices=[(name, name) for name in sorted(available_timezones())])
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self) -> dict[str, str]:
        """What the action takes, by the wire's names."""
        return {name: self.cleaned_data[field] for name, field in FIELDS.items()}

    def refuse(self, pointer: str | None, reason: str) -> None:
        """Show a refusal beside the field it points to."""
        name = (pointer or "").removeprefix("#/")
        field = FIELDS.get(name, name)
        self.add_error(field if field in self.fields else None, reason)

    def start_from(self, version: int) -> None:
        """Let the next try build on this version."""
        self.data = {**self.data, "version": str(version)}

    def show_kept(self, me: bodies.Me) -> None:
        """Put what is kept now beside each field in which it differs."""
        for field, kept in initial(me).items():
            if field != "version" and str(kept) != self.data.get(field):
                self.fields[field].help_text = format_html("Kept now: {}", kept or "(empty)")


def initial(me: bodies.Me) -> dict[str, Any]:
    """The form's fields as they are kept now."""
    kept: dict[str, Any] = {field: getattr(me, name) for name, field in FIELDS.items()}
    return kept | {"email": me.email, "version": me.version}
