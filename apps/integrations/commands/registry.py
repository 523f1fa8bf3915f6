"""The commands that this server itself carries out: those built in, and those of plugins.

    from apps.integrations.commands.registry import Command, CommandContext, Note, register

    def remind(context: CommandContext) -> Note:
        make_reminder(context.person, context.chat, context.text, key=context.client_id)
        return Note(gettext("I will remind you."))

    class RemindersConfig(AppConfig):
        def ready(self) -> None:
            register(
                Command(
                    "remind",
                    run=remind,
                    hint=gettext_lazy("when what"),
                    description=gettext_lazy("Be reminded of something"),
                )
            )

`run` is called outside of a transaction, in the language of the person, who is a member of the chat
at that moment. It calls actions, which check what the person may do, and may raise `Refused`: the
person sees its `detail`, and keeps what they wrote.

It is called again with the same `client_id` when the reply was lost, so it must be safe to repeat;
an answer that was given before is not given twice.

Commands that other servers answer are rows (`models.external_command`), not entries of this table.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.utils.functional import Promise

from apps.wire import bodies

Words = str | Promise
# As in Slack: no upper case, and nothing that a path or a word in a sentence would have.
NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class Where(StrEnum):
    """The chats in which a command can be used."""

    ANYWHERE = "anywhere"
    GROUPS = "groups"
    DIRECT = "direct"


class CommandContext(NamedTuple):
    """A command that a person runs. `text` is what follows the name, without blanks at its ends.
    `reply_to`: seq of the message that they reply to. `client_id` identifies this run."""

    person: UUID
    chat: UUID
    text: str
    client_id: UUID
    reply_to: int | None = None


class Note(NamedTuple):
    """An answer that only the person sees, for a day, on all their devices. Light markup."""

    text: str


class Post(NamedTuple):
    """A message of the person in the chat, under the `client_id` of the run. `layout`: how it is
    drawn, if not as its text."""

    text: str
    layout: bodies.Layout | None = None


# None: nothing is said; what the command changed is seen as any change is.
CommandResult = Note | Post | None


class Command(NamedTuple):
    """A command. `hint` names its arguments and `description` says what it does, both in a few
    words, for the list in the composer. `bots`: whether bots may run it."""

    name: str
    run: Callable[[CommandContext], CommandResult]
    hint: Words = ""
    description: Words = ""
    where: Where = Where.ANYWHERE
    bots: bool = False


_commands: dict[str, Command] = {}


def register(command: Command) -> None:
    """Add a command. Raises ValueError for a name that is not allowed, or that is taken."""
    if not NAME.fullmatch(command.name):
        raise ValueError(f"no name for a command: {command.name!r}")
    if command.name in _commands:
        raise ValueError(f"a command is registered twice: /{command.name}")
    _commands[command.name] = command


def unregister(name: str) -> None:
    """Remove a command, if it is there: its plugin was switched off."""
    _commands.pop(name, None)


def registered(name: str) -> Command | None:
    """The command of this name."""
    return _commands.get(name)


def all_registered() -> list[Command]:
    """All commands, by name."""
    return sorted(_commands.values(), key=lambda command: command.name)
