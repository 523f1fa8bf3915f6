"""Teams presence as a status of Parley.

The words are those of https://learn.microsoft.com/graph/api/resources/presence. Unknown ones are no
status. Whether somebody is online stays Parley's own: it says that messages arrive here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext, gettext_noop, override

from apps.accounts.models import User

SOURCE = "microsoft"
# A status that nothing has confirmed for so long is not shown any more.
STALE_AFTER = timedelta(minutes=30)
# One that goes on is renewed when less is left: each renewal is an event for all contacts.
RENEW_BELOW = timedelta(minutes=12)


class Status(NamedTuple):
    """What others see. `quiet`: no pushes during it."""

    text: str
    emoji: str
    quiet: bool = False


MEETING = Status(gettext_noop("In a meeting"), "📅", quiet=True)
CALL = Status(gettext_noop("In a call"), "📞", quiet=True)
PRESENTING = Status(gettext_noop("Presenting"), "🖥️", quiet=True)
DO_NOT_DISTURB = Status(gettext_noop("Do not disturb"), "⛔", quiet=True)
FOCUSING = Status(gettext_noop("Focusing"), "🎧", quiet=True)
# The activity says more than the availability.
BY_ACTIVITY = {
    "inameeting": MEETING,
    "inaconferencecall": MEETING,
    "inacall": CALL,
    "presenting": PRESENTING,
    "urgentinterruptionsonly": DO_NOT_DISTURB,
    "focusing": FOCUSING,
    "outofoffice": Status(gettext_noop("Out of office"), "🏝️"),
}
BY_AVAILABILITY = {
    "donotdisturb": DO_NOT_DISTURB,
    "focusing": FOCUSING,
    "busy": Status(gettext_noop("Busy"), "🔴"),
    "busyidle": Status(gettext_noop("Busy"), "🔴"),
    "berightback": Status(gettext_noop("Be right back"), "⏳"),
    "away": Status(gettext_noop("Away from Teams"), "🟡"),
}
NOTHING: Mapping[str, Any] = {
    "synced_from": "",
    "synced_text": "",
    "synced_emoji": "",
    "synced_until": None,
    "synced_quiet": False,
}


def status_of(availability: str, activity: str) -> Status | None:
    """The status; None for one that others need not know: available, offline, unknown."""
    return BY_ACTIVITY.get(activity.lower()) or BY_AVAILABILITY.get(availability.lower())


def fields(user: User, status: Status | None, *, known_at: datetime) -> Mapping[str, Any] | None:
    """The fields of the profile for this status, in the language of the person; None if they may
    stay as they are."""
    if status is None:
        return None if user.synced_from == "" else NOTHING
    with override(user.locale):
        text = gettext(status.text)
    same = (user.synced_text, user.synced_emoji, user.synced_quiet) == (text, *status[1:])
    if same and user.synced_until and user.synced_until - known_at > RENEW_BELOW:
        return None
    return {
        "synced_from": SOURCE,
        "synced_text": text,
        "synced_emoji": status.emoji,
        "synced_until": known_at + STALE_AFTER,
        "synced_quiet": status.quiet,
    }
