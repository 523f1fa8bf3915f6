"""`/remind me in 10 minutes to …`, `/remind here tomorrow at 9:00 …`, `/remind list`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.defaultfilters import date as date_words
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.models import User
from apps.core.errors import Invalid
from apps.core.local_time import zone_named
from apps.integrations.commands.registry import Command, CommandContext, CommandResult, Note
from apps.plugins.reminders import setting, times

HERE = ("here", "hier")
ME = ("me", "mich")
LIST = ("list", "liste", "")
MAX_LISTED = 20


def remind(context: CommandContext) -> CommandResult:
    """Set a reminder, or list those that wait."""
    zone = zone_named(User.objects.get(id=context.person).time_zone)
    first, rest = (*context.text.split(maxsplit=1), "", "")[:2]
    if first.lower() in LIST and not rest:
        return Note(_listed(context, zone))
    is_here = first.lower() in HERE
    text = rest if is_here or first.lower() in ME else context.text
    found = times.parse(text, now=timezone.now(), zone=zone)
    if found is None or not found.rest:
        words = gettext("Write it like this: /remind me in 10 minutes to call Bob")
        raise Invalid(words, reason=words)
    row = setting.set_reminder(
        context.person,
        context.chat,
        text=found.rest,
        due_at=found.at,
        here=is_here,
        client_id=context.client_id,
        reply_to=context.reply_to,
    )
    when = {"when": _words(row.due_at, zone)}
    if row.here:
        return Note(gettext("I will say it here: %(when)s.") % when)
    return Note(gettext("I will remind you: %(when)s.") % when)


def _listed(context: CommandContext, zone: ZoneInfo) -> str:
    rows = setting.waiting(context.person)
    if not rows:
        return gettext("You have no reminders.")
    lines = [f"- {_words(row.due_at, zone)}: {row.text}" for row in rows[:MAX_LISTED]]
    more = gettext("You can cancel them in the menu of the chat, under Plugins.")
    return "\n".join((*lines, more))


def _words(at: datetime, zone: ZoneInfo) -> str:
    return date_words(at.astimezone(zone), "DATETIME_FORMAT")


COMMANDS = (
    Command(
        "remind",
        run=remind,
        hint=gettext_lazy("me or here, when, what"),
        description=gettext_lazy("Be reminded of something, or remind everybody here"),
    ),
)
