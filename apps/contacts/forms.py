"""The profile page's form."""

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.html import format_html

from apps.accounts.actions.profile import LONGEST
from apps.wire import bodies

FIELDS = ("username", "name", "about", "locale", "time_zone", "share_seen")


class ProfileForm(forms.Form):
    """Everything a person may change about themselves; the action judges it."""

    name = forms.CharField(max_length=LONGEST["name"], required=False)
    username = forms.CharField(max_length=32)
    about = forms.CharField(max_length=LONGEST["about"], required=False)
    email = forms.EmailField(required=False)
    locale = forms.ChoiceField(choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(choices=[(name, name) for name in sorted(available_timezones())])
    share_seen = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        """What the action takes."""
        return {field: self.cleaned_data[field] for field in FIELDS}

    def refuse(self, pointer: str | None, reason: str) -> None:
        """Show a refusal beside the field it points to."""
        field = (pointer or "").removeprefix("#/")
        self.add_error(field if field in self.fields else None, reason)

    def start_from(self, version: int) -> None:
        """Let the next try build on this version."""
        self.data = cast(QueryDict, self.data).dict() | {"version": str(version)}

    def show_kept(self, me: bodies.Me) -> None:
        """Put what is kept now beside each field in which it differs."""
        for field, kept in initial(me).items():
            if field != "version" and str(kept) != self.data.get(field):
                self[field].help_text = format_html("Kept now: {}", kept or "(empty)")


def initial(me: bodies.Me) -> dict[str, Any]:
    """The form's fields as they are kept now."""
    return {field: getattr(me, field) for field in (*FIELDS, "email", "version")}
