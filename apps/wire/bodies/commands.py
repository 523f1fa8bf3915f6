"""What commands such as `/status` answer to one person, and the list of them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body
from apps.wire.bodies.layouts import Card

CommandSource = Literal["built_in", "chat", "server"]


class Note(Body, frozen=True):
    """An answer of a command that only the reader sees, until `until`. `text` is light markup; if
    there are `cards`, they are drawn in its place, as those of a message."""

    id: UUID
    chat: UUID
    command: str
    text: str
    at: datetime
    until: datetime
    cards: list[Card] = []


class SlashCommand(Body, frozen=True):
    """A command that the reader can run in a chat, in their language. `hint` names its arguments.
    `source`: it is built in (or of a plugin), of this chat, or of all groups of this server."""

    name: str
    hint: str
    description: str
    source: CommandSource
