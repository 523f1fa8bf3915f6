"""The profile page's form."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.actions.profile import MAX_LENGTHS
from apps.core.local_time import zones_of_places
from apps.wire import bodies

FIELDS = ("username", "name", "about", "locale", "time_zone", "share_seen")
SAME_AS_DEVICE = ("", gettext_lazy("Same as this device"))


class ProfileForm(forms.Form):
    """What people may change about themselves, except for the picture: that is saved when it is
    chosen. The action validates it."""

    name = forms.CharField(max_length=MAX_LENGTHS["name"], required=False)
    username = forms.CharField(max_length=32)
    about = forms.CharField(max_length=MAX_LENGTHS["about"], required=False)
    email = forms.EmailField(required=False)
    locale = forms.ChoiceField(choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(choices=[SAME_AS_DEVICE, *zones_of_places()], required=False)
    share_seen = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, me: bodies.Me) -> None:
        super().__init__(data, initial=initial(me))
        # One of those that nobody is offered any more, such as US/Eastern.
        zones = self._choices("time_zone")
        if me.time_zone_chosen and me.time_zone not in dict(zones):
            zones.append((me.time_zone, me.time_zone))
            cast(forms.ChoiceField, self.fields["time_zone"]).choices = zones

    def changes(self) -> dict[str, Any]:
        """The fields as the action takes them."""
        return {field: self.cleaned_data[field] for field in FIELDS}

    def add_refusal(self, pointer: str | None, reason: str) -> None:
        """Show the reason of a refusal at the field that it points to."""
        field = (pointer or "").removeprefix("#/")
        self.add_error(field if field in self.fields else None, gettext(reason))

    def rebase(self, version: int) -> None:
        """Let the next submit start from this version."""
        self.data = cast(QueryDict, self.data).dict() | {"version": str(version)}

    def show_saved(self, me: bodies.Me) -> None:
        """Show the saved value at each field that differs from it."""
        for field, saved in initial(me).items():
            if field != "version" and str(saved) != self.data.get(field):
                words = dict(self._choices(field)).get(saved, saved)
                self[field].help_text = format_html(
                    gettext("Saved now: {}"), words or gettext("(empty)")
                )

    def _choices(self, field: str) -> list[tuple[Any, Any]]:
        return list(getattr(self.fields[field], "choices", []))


def initial(me: bodies.Me) -> dict[str, Any]:
    """The saved values of the form's fields."""
    saved = {field: getattr(me, field) for field in (*FIELDS, "email", "version")}
    return saved | {"time_zone": me.time_zone if me.time_zone_chosen else ""}
