"""The commands that every server has. What they do is in the actions that the API calls, too."""

from collections.abc import Iterable

import regex
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.queries.profiles import get_active_user
from apps.chats.actions import groups
from apps.chats.foreign import emoji as emoji_names
from apps.contacts.actions import profile
from apps.contacts.queries.contacts import contact_ids
from apps.core.emoji import is_single_emoji
from apps.core.errors import Empty
from apps.core.local_time import zone_named
from apps.integrations.commands.parsing import duration, usernames
from apps.integrations.commands.registry import (
    Command,
    CommandContext,
    CommandResult,
    Note,
    Post,
    Where,
    register,
)
from apps.integrations.queries import commands
from apps.integrations.queries.people import bots_among, usernames_of

SHRUG = "¯\\_(ツ)_/¯"
# "off" in the languages of this product.
OFF = {"off", "clear", "aus", "ende"}
FIRST_CLUSTER = regex.compile(r"(\X)\s*(.*)", regex.DOTALL)


def me(context: CommandContext) -> CommandResult:
    """The text in italics, as what the person does."""
    if not context.text:
        raise Empty
    lines = context.text.splitlines()
    return Post("\n".join(f"_{line.strip()}_" if line.strip() else "" for line in lines))


def shrug(context: CommandContext) -> CommandResult:
    """The text, and a shrug."""
    return Post(f"{context.text} {SHRUG}".strip())


def status(context: CommandContext) -> CommandResult:
    """Set the status, which may begin with an emoji or its name; without a text, end it."""
    [text, _], emoji = emoji_names.in_text(context.text), ""
    if text.lower() in OFF:
        text = ""
    if (found := FIRST_CLUSTER.fullmatch(text)) and is_single_emoji(found[1]):
        emoji, text = found[1], found[2]
    profile.update(
        context.person, version=None, status_text=text, status_emoji=emoji, status_until=None
    )
    if text or emoji:
        return Note(gettext("Your status: {status}").format(status=f"{emoji} {text}".strip()))
    return Note(gettext("You have no status now."))


def dnd(context: CommandContext) -> CommandResult:
    """Keep notifications off for a time; without one, for an hour."""
    if context.text.lower() in OFF:
        profile.update(context.person, version=None, dnd_until=None)
        return Note(gettext("You are notified again."))
    length = duration(context.text or "1h")
    if not length:
        return Note(gettext("Say how long: `/dnd 30m`, `/dnd 2h`, `/dnd 1d`, or `/dnd off`."))
    until = timezone.now() + length
    profile.update(context.person, version=None, dnd_until=until)
    local = until.astimezone(zone_named(get_active_user(context.person).time_zone))
    words = gettext("You are not notified until {time}.")
    return Note(words.format(time=date_format(local, "DATETIME_FORMAT")))


def invite(context: CommandContext) -> CommandResult:
    """Add contacts to the group by their usernames; people only."""
    names = usernames(context.text)
    if not names:
        return Note(gettext("Name your contacts: `/invite @ada @grace`."))
    found = usernames_of(contact_ids(context.person), names)
    unknown = [name for name in names if name.lower() not in found]
    if unknown:
        words = gettext("You have no contact with this name, and nobody was added: {names}")
        return Note(words.format(names=_listed(unknown)))
    if bots := bots_among(found.values()):
        # What it may read is said before it is added; a command would add it first.
        words = gettext(
            "{names}: a bot can read everything in the group, older messages too, and so can those"
            " who run it. Nobody was added: add bots with *Add people* in the panel of the group."
        )
        return Note(words.format(names=_listed(bots)))
    groups.add_members(context.person, context.chat, found.values())
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def leave(context: CommandContext) -> CommandResult:
    """Leave the group."""
    groups.leave_group(context.person, context.chat)
    return None


def topic(context: CommandContext) -> CommandResult:
    """Rename the group: its title is what members see."""
    if not context.text:
        return Note(gettext("Write the new name of the group: `/topic Garden party`."))
    groups.rename_group(context.person, context.chat, context.text)
    return None


def help_(context: CommandContext) -> CommandResult:
    """List the commands of this chat."""
    lines = [
        f"- `/{f'{each.name} {each.hint}'.strip()}` {each.description}".strip()
        for each in commands.of_chat(context.person, context.chat)
    ]
    return Note("\n".join([gettext("Commands in this chat:"), *lines]))


BUILT_IN = (
    Command(
        "me",
        me,
        hint=gettext_lazy("what you do"),
        description=gettext_lazy("Say what you are doing"),
        bots=True,
    ),
    Command(
        "shrug",
        shrug,
        hint=gettext_lazy("[text]"),
        description=gettext_lazy("Add a shrug to your text"),
        bots=True,
    ),
    Command(
        "status",
        status,
        hint=gettext_lazy("[emoji] [text]"),
        description=gettext_lazy("Set your status, or end it"),
        bots=True,
    ),
    Command(
        "dnd",
        dnd,
        hint=gettext_lazy("[30m, 2h, 1d or off]"),
        description=gettext_lazy("Do not be notified for a time"),
    ),
    Command(
        "invite",
        invite,
        hint=gettext_lazy("@name …"),
        description=gettext_lazy("Add contacts to this group"),
        where=Where.GROUPS,
    ),
    Command("leave", leave, description=gettext_lazy("Leave this group"), where=Where.GROUPS),
    Command(
        "topic",
        topic,
        hint=gettext_lazy("new name"),
        description=gettext_lazy("Rename this group"),
        where=Where.GROUPS,
    ),
    Command("help", help_, description=gettext_lazy("List the commands of this chat")),
)
# Names that no other server may take. The plugin *reminders* registers its command.
RESERVED = frozenset({*(command.name for command in BUILT_IN), "remind", "call"})


def register_built_in() -> None:
    """Add them to the registry, once in a process."""
    for command in BUILT_IN:
        register(command)
