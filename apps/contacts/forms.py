"""The profile page's form."""

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext

from apps.accounts.actions.profile import MAX_LENGTHS
from apps.wire import bodies

FIELDS = ("username", "name", "about", "locale", "time_zone", "share_seen")
TIME_FIELDS = (
    *("status_emoji", "status_text", "status_until"),
    *("dnd_start", "dnd_end", "dnd_until"),
)
MOMENT_FIELDS = ("status_until", "dnd_until")
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


def _moment() -> forms.DateTimeField:
    """A date and time in the person's time zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    return forms.DateTimeField(required=False, input_formats=[LOCAL_FORMAT], widget=widget)


def _clock() -> forms.TimeField:
    """A time of day."""
    return forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}))


class ProfileForm(forms.Form):
    """What people may change about themselves, except for the picture: that is saved when it is
    chosen. The action validates it."""

    name = forms.CharField(max_length=MAX_LENGTHS["name"], required=False)
    username = forms.CharField(max_length=32)
    about = forms.CharField(max_length=MAX_LENGTHS["about"], required=False)
    email = forms.EmailField(required=False)
    locale = forms.ChoiceField(choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(choices=[(name, name) for name in sorted(available_timezones())])
    status_emoji = forms.CharField(max_length=MAX_LENGTHS["status_emoji"], required=False)
    status_text = forms.CharField(max_length=MAX_LENGTHS["status_text"], required=False)
    status_until = _moment()
    dnd_start = _clock()
    dnd_end = _clock()
    dnd_until = _moment()
    share_seen = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        """The fields as the action takes them: local times become aware ones."""
        values = {field: self.cleaned_data[field] for field in (*FIELDS, *TIME_FIELDS)}
        zone = ZoneInfo(values["time_zone"])
        for field in MOMENT_FIELDS:
            if values[field] is not None:
                values[field] = values[field].replace(tzinfo=zone)
        return values

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
                self[field].help_text = format_html(
                    gettext("Saved now: {}"), saved or gettext("(empty)")
                )


def initial(me: bodies.Me) -> dict[str, Any]:
    """The saved values of the form's fields."""
    zone = ZoneInfo(me.time_zone)
    dnd = me.do_not_disturb
    status = me.status or bodies.Status(text="", emoji="", until=None)
    return {field: getattr(me, field) for field in (*FIELDS, "email", "version")} | {
        "status_emoji": status.emoji,
        "status_text": status.text,
        "status_until": _local(status.until, zone),
        "dnd_start": dnd.start or "",
        "dnd_end": dnd.end or "",
        "dnd_until": _local(dnd.until, zone),
    }


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    """A moment in the person's time zone, as the field takes it; empty if it is past."""
    if at is None or at <= timezone.now():
        return ""
    return at.astimezone(zone).strftime(LOCAL_FORMAT)
