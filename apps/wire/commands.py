"""What a client may ask for over a connection. Strict: an unknown field or type is refused.

Every command carries a `ref` of the client's making; its `ack` or `error` repeats it.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire.bodies import MemberRole, NotifyLevel, Rev, Seq

MAX_HELD_ENTRIES = 100
Ref = Annotated[str, Meta(min_length=1, max_length=64)]


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all commands."""

    ref: Ref


class HeldSpan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest entries that a client holds of a chat, without a hole. `hash` is the beginning of
    a SHA-256 over their seqs and revs; docs/protocol.md says of what exactly."""

    first: Annotated[int, Meta(ge=1)]
    last: Annotated[int, Meta(ge=1)]
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]

    def __post_init__(self) -> None:
        """Refuse what would be long to compare. Raises ValueError."""
        if not 0 <= self.last - self.first < MAX_HELD_ENTRIES:
            raise ValueError(f"a span holds 1 to {MAX_HELD_ENTRIES} entries")


class Resume(Command, frozen=True, tag="resume"):
    """First command on every connection: what the client already has.

    `epoch` null means nothing is cached. `chats` maps chat id to the last rev applied,
    `user` is the last `user_rev` applied. `held` has some of it compared with what is stored.
    """

    epoch: UUID | None = None
    chats: Annotated[dict[UUID, Rev], Meta(max_length=20_000)] = {}
    user: Rev = 0
    held: Annotated[dict[UUID, HeldSpan], Meta(max_length=50)] = {}


class Send(Command, frozen=True, tag="send"):
    """Send a text. `client_id` makes it idempotent for ever: a repeat returns the first message."""

    chat: UUID
    client_id: UUID
    text: str
    reply_to: Seq | None = None


class ChatPosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far this person has come in one chat; either number may be left out."""

    chat: UUID
    read: Seq | None = None
    delivered: Seq | None = None


class Receipts(Command, frozen=True, tag="receipts"):
    """Move delivered and read positions forward. Going back or past the end is ignored.

    `visible`: the person is looking at the client that this was delivered to, if not at the chat;
    nothing of it need be pushed.
    """

    positions: Annotated[list[ChatPosition], Meta(min_length=1, max_length=200)]
    visible: bool = False


class OpenDirect(Command, frozen=True, tag="chat.direct"):
    """Open the direct chat with a contact; the ack names it in `chat`."""

    person: UUID


class ChatMarks(Command, frozen=True, tag="chat.marks"):
    """Change the reader's own marks on a chat; what is left out stays. `muted` false also ends
    a `muted_until`; `notify` empty is as everywhere."""

    chat: UUID
    pinned: bool | None = None
    archived: bool | None = None
    muted: bool | None = None
    muted_until: Annotated[datetime, Meta(tz=True)] | None = None
    notify: NotifyLevel | Literal[""] | None = None
    marked_unread: bool | None = None


class InChat(Command, frozen=True):
    """Base of the commands that concern one chat."""

    chat: UUID


class Typing(InChat, frozen=True, tag="typing"):
    """The reader is writing just now. Repeat it every few seconds; it expires by itself."""


class SetPresence(Command, frozen=True, tag="presence"):
    """Whether the person is at this device. They are away when they are at none of those that are
    connected; a connection begins as `active`."""

    state: Literal["active", "away"]


class SaveDraft(InChat, frozen=True, tag="draft"):
    """Keep what is written so far, on all devices; an empty text forgets it."""

    text: Annotated[str, Meta(max_length=100_000)]
    reply_to: Seq | None = None


class OnMessage(InChat, frozen=True):
    """Base of the commands that concern one message."""

    seq: Seq


class React(OnMessage, frozen=True, tag="react"):
    """Add an emoji of the reader's."""

    emoji: Annotated[str, Meta(min_length=1, max_length=64)]


class Unreact(OnMessage, frozen=True, tag="unreact"):
    """Take an emoji of the reader's back."""

    emoji: Annotated[str, Meta(min_length=1, max_length=64)]


class Edit(OnMessage, frozen=True, tag="edit"):
    """Change the text of an own message; what it said before is kept. `base_at`: `edited_at` (or
    `at`, of a message that was never edited) of the text that the change began from; when another
    text is current, the answer is `conflict` and nothing is changed."""

    text: str
    base_at: Annotated[datetime, Meta(tz=True)] | None = None


class Delete(OnMessage, frozen=True, tag="delete"):
    """Delete a message: own, or anybody's where the role allows. Its place stays."""


class Pin(OnMessage, frozen=True, tag="pin"):
    """Pin a message for all members."""


class Unpin(OnMessage, frozen=True, tag="unpin"):
    """Take a pin away."""


class Save(OnMessage, frozen=True, tag="save"):
    """Keep a message to be found again; only for the reader."""


class Unsave(OnMessage, frozen=True, tag="unsave"):
    """No longer keep it."""


class CreateGroup(Command, frozen=True, tag="group.create"):
    """A new group of the reader, as its owner, and some of their contacts."""

    title: str
    people: Annotated[list[UUID], Meta(max_length=1000)] = []


class RenameGroup(InChat, frozen=True, tag="group.rename"):
    """Give a group another title."""

    title: str


class AddMembers(InChat, frozen=True, tag="member.add"):
    """Add contacts to a group."""

    people: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]


class RemoveMember(InChat, frozen=True, tag="member.remove"):
    """Remove somebody from a group."""

    person: UUID


class ChangeRole(InChat, frozen=True, tag="member.role"):
    """Give a member another role."""

    person: UUID
    role: MemberRole


class LeaveGroup(InChat, frozen=True, tag="group.leave"):
    """Leave a group. Its last owner names another first."""


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
    | Typing
    | SetPresence
    | SaveDraft
    | React
    | Unreact
    | Edit
    | Delete
    | Pin
    | Unpin
    | Save
    | Unsave
    | CreateGroup
    | RenameGroup
    | AddMembers
    | RemoveMember
    | ChangeRole
    | LeaveGroup
    | InviteContact
    | AcceptContact
    | DeclineContact
    | CancelContact
    | RemoveContact
    | BlockContact
    | UnblockContact
)
