"""What a client may ask for over a connection. Strict: an unknown field or type is refused.

Every command carries a `ref` of the client's making; its `ack` or `error` repeats it.
"""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire.bodies import Rev, Seq

Ref = Annotated[str, Meta(min_length=1, max_length=64)]


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all commands."""

    ref: Ref


class Resume(Command, frozen=True, tag="resume"):
    """First command on every connection: what the client already has.

    `epoch` null means nothing is cached. `chats` maps chat id to the last rev applied,
    `user` is the last `user_rev` applied.
    """

    epoch: UUID | None = None
    chats: Annotated[dict[UUID, Rev], Meta(max_length=20_000)] = {}
    user: Rev = 0


class Send(Command, frozen=True, tag="send"):
    """Send a text. `client_id` makes it idempotent for ever: a repeat returns the first message."""

    chat: UUID
    client_id: UUID
    text: str


class ChatPosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far this person has come in one chat; either number may be left out."""

    chat: UUID
    read: Seq | None = None
    delivered: Seq | None = None


class Receipts(Command, frozen=True, tag="receipts"):
    """Move delivered and read positions forward. Going back or past the end is ignored."""

    positions: Annotated[list[ChatPosition], Meta(min_length=1, max_length=200)]


class OpenDirect(Command, frozen=True, tag="chat.direct"):
    """Open the direct chat with a contact; the ack names it in `chat`."""

    person: UUID


class ChatMarks(Command, frozen=True, tag="chat.marks"):
    """Change the reader's own marks on a chat; what is left out stays."""

    chat: UUID
    pinned: bool | None = None
    archived: bool | None = None
    muted: bool | None = None
    marked_unread: bool | None = None


class ContactCommand(Command, frozen=True):
    """Base of the contact commands: all name one person."""

    person: UUID


class InviteContact(ContactCommand, frozen=True, tag="contact.invite"):
    """Ask to be in touch. If they have asked already, this accepts."""


class AcceptContact(ContactCommand, frozen=True, tag="contact.accept"):
    """Accept their invitation."""


class DeclineContact(ContactCommand, frozen=True, tag="contact.decline"):
    """Decline their invitation."""


class CancelContact(ContactCommand, frozen=True, tag="contact.cancel"):
    """Take back an invitation."""


class RemoveContact(ContactCommand, frozen=True, tag="contact.remove"):
    """End being in touch. The chat stays readable for both."""


class BlockContact(ContactCommand, frozen=True, tag="contact.block"):
    """Block: they can neither find, invite nor write to the reader, and are not told."""


class UnblockContact(ContactCommand, frozen=True, tag="contact.unblock"):
    """Lift a block. Being in touch again needs a new invitation."""


AnyCommand = (
    Resume
    | Send
    | Receipts
    | OpenDirect
    | ChatMarks
    | InviteContact
    | AcceptContact
    | DeclineContact
    | CancelContact
    | RemoveContact
    | BlockContact
    | UnblockContact
)
