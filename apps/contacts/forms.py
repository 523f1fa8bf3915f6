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
TIMED = (
    *("status_emoji", "status_text", "status_until"),
    *("dnd_start", "dnd_end", "dnd_until"),
)
MOMENTS = ("status_until", "dnd_until")
LOCAL = "%Y-%m-%dT%H:%M"


def _moment() -> forms.DateTimeField:
    """A date and time by the person's own clock; browsers have a field for it."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    return forms.DateTimeField(required=False, input_formats=[LOCAL], widget=widget)


def _clock() -> forms.TimeField:
    """A time of day."""
    return forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}))


class ProfileForm(forms.Form):
    """Everything a person may change about themselves; the action judges it."""

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
        """What the action takes: times of the person's clock become moments."""
        given = {field: self.cleaned_data[field] for field in (*FIELDS, *TIMED)}
        zone = ZoneInfo(given["time_zone"])
        for field in MOMENTS:
            if given[field] is not None:
                given[field] = given[field].replace(tzinfo=zone)
        return given

    def refuse(self, pointer: str | None, reason: str) -> None:
        """Show a refusal beside the field it points to."""
        field = (pointer or "").removeprefix("#/")
        self.add_error(field if field in self.fields else None, gettext(reason))

    def start_from(self, version: int) -> None:
        """Let the next try build on this version."""
        self.data = cast(QueryDict, self.data).dict() | {"version": str(version)}

    def show_kept(self, me: bodies.Me) -> None:
        """Put what is kept now beside each field in which it differs."""
        for field, kept in initial(me).items():
            if field != "version" and str(kept) != self.data.get(field):
                self[field].help_text = format_html(
                    gettext("Kept now: {}"), kept or gettext("(empty)")
                )


def initial(me: bodies.Me) -> dict[str, Any]:
    """The form's fields as they are kept now."""
    zone = ZoneInfo(me.time_zone)
    quiet = me.do_not_disturb
    status = me.status or bodies.Status(text="", emoji="", until=None)
    return {field: getattr(me, field) for field in (*FIELDS, "email", "version")} | {
        "status_emoji": status.emoji,
        "status_text": status.text,
        "status_until": _local(status.until, zone),
        "dnd_start": quiet.start or "",
        "dnd_end": quiet.end or "",
        "dnd_until": _local(quiet.until, zone),
    }


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    """A moment by the person's clock, as the field takes it; one that is past is none."""
    if at is None or at <= timezone.now():
        return ""
    return at.astimezone(zone).strftime(LOCAL)
