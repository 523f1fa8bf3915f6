"""Runs a command that a person typed in a chat, such as `/status`."""

from typing import NamedTuple
from uuid import UUID

from django.utils.translation import override

from apps.accounts.queries.profiles import get_active_user
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import Sent, validated_send
from apps.chats.actions.validation import validate_text
from apps.chats.models import Chat
from apps.chats.queries.access import get_membership, in_touch
from apps.core.errors import ChatClosed, Forbidden, Invalid, NotContacts, TooLong, UnknownCommand
from apps.core.limits import SLASH_COMMANDS, limited
from apps.integrations.actions import calls, notes
from apps.integrations.commands.parsing import typed_command
from apps.integrations.commands.registry import CommandContext, Note, Post, registered
from apps.integrations.models import CommandNote
from apps.integrations.queries import commands, external_commands

MAX_TEXT_LENGTH = 10_000


class Ran(NamedTuple):
    """What a command has answered so far: a message of the person, or a note."""

    sent: Sent | None = None
    note: CommandNote | None = None


@limited(SLASH_COMMANDS)
def run_command(
    user_id: UUID, chat_id: UUID, *, client_id: UUID, text: str, reply_to: int | None = None
) -> Ran:
    """Run the command that `text` begins with. A repeated client id does nothing twice.

    Raises NotFound, NotContacts in a direct chat of people who are not (any more), Invalid for a
    text that is no command, UnknownCommand, Forbidden for a bot, ChatClosed for a command of
    another server, what `validate_text` raises, and what the command itself raises.
    """
    chat = get_membership(user_id, chat_id).chat
    if not in_touch(chat):
        raise NotContacts
    text = validate_text(text)
    if len(text) > MAX_TEXT_LENGTH:
        raise TooLong
    typed = typed_command(text)
    if typed is None:
        raise Invalid("A command begins with a slash and a name.", pointer="#/text")
    known = CommandNote.objects.filter(user_id=user_id, client_id=client_id).first()
    if known is not None:
        return Ran(note=known)
    context = CommandContext(user_id, chat_id, typed.text, client_id, reply_to)
    return _run(typed.name, context, chat)


def _run(name: str, context: CommandContext, chat: Chat) -> Ran:
    user = get_active_user(context.person)
    command = registered(name)
    if command is None or not commands.fits(command, chat):
        external = external_commands.named(chat.id, name) if chat.kind == "group" else None
        if external is None:
            raise UnknownCommand
        if user.is_bot:
            raise Forbidden("Bots cannot run this command.")
        if chat.closed_reason:
            raise ChatClosed
        calls.ask(external, context)
        return Ran()
    if user.is_bot and not command.bots:
        raise Forbidden("Bots cannot run this command.")
    with override(user.locale):
        answer = command.run(context)
    if isinstance(answer, Post):
        send = validated_send(
            sender=context.person,
            chat=context.chat,
            client_id=context.client_id,
            text=answer.text,
            reply_to=context.reply_to,
            layout=answer.layout,
        )
        return Ran(sent=group_commit.send(send))
    if isinstance(answer, Note):
        note = notes.add_note(
            context.person,
            context.chat,
            client_id=context.client_id,
            command=name,
            text=answer.text,
        )
        return Ran(note=note)
    return Ran()
