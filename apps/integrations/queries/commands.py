"""The commands that a person can run in a chat."""

from uuid import UUID

from apps.chats.models import Chat
from apps.chats.queries.access import get_membership
from apps.integrations.commands.registry import Command, Where, all_registered
from apps.integrations.queries import external_commands
from apps.wire import bodies


def of_chat(user_id: UUID, chat_id: UUID) -> list[bodies.SlashCommand]:
    """By name, in the active language: built in, of plugins and external. Raises NotFound."""
    chat = get_membership(user_id, chat_id).chat
    found = {
        command.name: bodies.SlashCommand(
            name=command.name,
            hint=str(command.hint),
            description=str(command.description),
            source="built_in",
        )
        for command in all_registered()
        if fits(command, chat)
    }
    if chat.kind == Chat.Kind.GROUP:
        external = {each.name: each for each in external_commands.usable(chat_id)}
        for name, each in external.items():
            source: bodies.CommandSource = "server" if each.chat_id is None else "chat"
            found.setdefault(
                name,
                bodies.SlashCommand(
                    name=name, hint=each.hint, description=each.description, source=source
                ),
            )
    return [found[name] for name in sorted(found)]


def fits(command: Command, chat: Chat) -> bool:
    """Whether a command can be used in such a chat."""
    is_group = chat.kind == Chat.Kind.GROUP
    return command.where == Where.ANYWHERE or is_group == (command.where == Where.GROUPS)
