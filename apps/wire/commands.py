"""The commands of the protocol. Unknown fields and types are refused.

The client gives every command a `ref`; the command's `ack` or `error` repeats it.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire.bodies import MemberRole, NotifyLevel, Rev, Seq
from apps.wire.limits import MAX_DRAFT_LENGTH, MAX_FILES

MAX_HELD_ENTRIES = 100
Ref = Annotated[str, Meta(min_length=1, max_length=64)]


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of all commands."""

    ref: Ref


def type_of(command: Command) -> str:
    """The `type` that the command has on the wire."""
    return str(command.__struct_config__.tag)


class HeldSpan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest entries that a client holds of a chat, without a hole. `hash` is the beginning of
    a SHA-256 over them; docs/protocol.md defines its input."""

    first: Annotated[int, Meta(ge=1)]
    last: Annotated[int, Meta(ge=1)]
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]

    def __post_init__(self) -> None:
        """Refuse a span that would take long to compare. Raises ValueError."""
        if not 0 <= self.last - self.first < MAX_HELD_ENTRIES:
            raise ValueError(f"a span holds 1 to {MAX_HELD_ENTRIES} entries")


class Resume(Command, frozen=True, tag="resume"):
    """First command on every connection: the client's cursors.

    `epoch` null: the client has no cache. `chats` maps chat ids to the last applied rev, `user` is
    the last applied `user_rev`. `held` names entries to be compared with what is stored.
    """

    epoch: UUID | None = None
    chats: Annotated[dict[UUID, Rev], Meta(max_length=20_000)] = {}
    user: Rev = 0
    held: Annotated[dict[UUID, HeldSpan], Meta(max_length=50)] = {}


class Send(Command, frozen=True, tag="send"):
    """Send a text, files, or both. `client_id` makes it idempotent: any repeat returns the first
    message. `files` are ready uploads of the sender's, or files of messages that they can see."""

    chat: UUID
    client_id: UUID
    text: str
    reply_to: Seq | None = None
    files: Annotated[list[UUID], Meta(max_length=MAX_FILES)] = []


class ChatPosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's positions in one chat; either may be left out."""

    chat: UUID
    read: Seq | None = None
    delivered: Seq | None = None


class Receipts(Command, frozen=True, tag="receipts"):
    """Move delivered and read positions forward. Moves back or past the end are ignored.

    `visible`: the person is looking at the client, if not at the chat, so these messages need no
    push.
    """

    positions: Annotated[list[ChatPosition], Meta(min_length=1, max_length=200)]
    visible: bool = False


class OpenDirect(Command, frozen=True, tag="chat.direct"):
    """Open the direct chat with a contact; the ack has its id in `chat`."""

    person: UUID


class ChatMarks(Command, frozen=True, tag="chat.marks"):
    """Change the reader's own settings of a chat; omitted ones stay. `muted` false also clears
    `muted_until`; `notify` empty means as set for all chats. `unread_from` is the first entry to be
    marked unread; it implies `marked_unread`."""

    chat: UUID
    pinned: bool | None = None
    archived: bool | None = None
    muted: bool | None = None
    muted_until: Annotated[datetime, Meta(tz=True)] | None = None
    notify: NotifyLevel | Literal[""] | None = None
    marked_unread: bool | None = None
    unread_from: Annotated[int, Meta(ge=1)] | None = None


class InChat(Command, frozen=True):
    """Base of the commands on one chat."""

    chat: UUID


class Typing(InChat, frozen=True, tag="typing"):
    """The reader is writing now. Repeat it every few seconds; it expires by itself."""


class SetPresence(Command, frozen=True, tag="presence"):
    """Whether the person is at this device. They are away when they are at none of their connected
    devices. A connection begins as `active`."""

    state: Literal["active", "away"]


class SaveDraft(InChat, frozen=True, tag="draft"):
    """Save the unsent text of a chat on all devices; an empty text deletes it.

    `expected`: the text that this device believes the draft to have. If it is another one, it was
    written on another device: an empty `text` does not delete it, and others are stored below it
    (a `draft` event has both), unless one contains the other.
    """

    text: Annotated[str, Meta(max_length=MAX_DRAFT_LENGTH)]
    reply_to: Seq | None = None
    expected: Annotated[str, Meta(max_length=MAX_DRAFT_LENGTH)] | None = None


class OnMessage(InChat, frozen=True):
    """Base of the commands on one message."""

    seq: Seq


class React(OnMessage, frozen=True, tag="react"):
    """Add a reaction of the reader's."""

    emoji: Annotated[str, Meta(min_length=1, max_length=64)]


class Unreact(OnMessage, frozen=True, tag="unreact"):
    """Remove a reaction of the reader's."""

    emoji: Annotated[str, Meta(min_length=1, max_length=64)]


class Edit(OnMessage, frozen=True, tag="edit"):
    """Change the text of an own message; earlier versions are kept. `base_at`: `edited_at` (or, if
    it was never edited, `at`) of the version that the edit started from. If another version is
    current, the command fails with `conflict` and changes nothing."""

    text: str
    base_at: Annotated[datetime, Meta(tz=True)] | None = None


class RunCommand(InChat, frozen=True, tag="command.run"):
    """Run a command such as `/status` in a chat. `text` begins with a slash and the name.
    `client_id` makes it idempotent. What it answers comes as a `message` or a `note`."""

    client_id: UUID
    text: str
    reply_to: Seq | None = None


class DismissNote(InChat, frozen=True, tag="note.dismiss"):
    """Remove an answer of a command that only the reader sees, on all their devices."""

    note: UUID


class Delete(OnMessage, frozen=True, tag="delete"):
    """Delete an own message, or any message if the role allows it. Its place stays."""


class Pin(OnMessage, frozen=True, tag="pin"):
    """Pin a message for all members."""


class Unpin(OnMessage, frozen=True, tag="unpin"):
    """Unpin a message."""


class Save(OnMessage, frozen=True, tag="save"):
    """Save a message for the reader alone."""


class Unsave(OnMessage, frozen=True, tag="unsave"):
    """Remove a message from the saved ones."""


class CreateGroup(Command, frozen=True, tag="group.create"):
    """Create a group of the reader, as its owner, and some of their contacts."""

    title: str
    people: Annotated[list[UUID], Meta(max_length=1000)] = []


class RenameGroup(InChat, frozen=True, tag="group.rename"):
    """Change the title of a group."""

    title: str


class SetRetention(InChat, frozen=True, tag="chat.retention"):
    """Delete the chat's messages when they are older than `days`; 0: keep them."""

    days: Annotated[int, Meta(ge=0, le=3650)]


class SetGroupPicture(InChat, frozen=True, tag="group.picture"):
    """Set the picture of a group: a file that the reader uploaded; null removes it."""

    file: UUID | None


class AddMembers(InChat, frozen=True, tag="member.add"):
    """Add contacts to a group."""

    people: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]


class RemoveMember(InChat, frozen=True, tag="member.remove"):
    """Remove a member from a group."""

    person: UUID


class ChangeRole(InChat, frozen=True, tag="member.role"):
    """Change the role of a member."""

    person: UUID
    role: MemberRole


class LeaveGroup(InChat, frozen=True, tag="group.leave"):
    """Leave a group. Its last owner must make another member owner first."""


class ContactCommand(Command, frozen=True):
    """Base of the contact commands, each on one person."""

    person: UUID


class InviteContact(ContactCommand, frozen=True, tag="contact.invite"):
    """Invite a person to be a contact. If they have invited the reader, this accepts."""


class GreetContact(ContactCommand, frozen=True, tag="contact.greet"):
    """Say something with an own invitation that waits, once: up to 500 characters. It becomes the
    first message when the invitation is accepted."""

    text: str


class AcceptContact(ContactCommand, frozen=True, tag="contact.accept"):
    """Accept their invitation."""


class DeclineContact(ContactCommand, frozen=True, tag="contact.decline"):
    """Decline their invitation."""


class CancelContact(ContactCommand, frozen=True, tag="contact.cancel"):
    """Cancel an own invitation."""


class RemoveContact(ContactCommand, frozen=True, tag="contact.remove"):
    """Remove a contact. The chat stays readable for both."""


class BlockContact(ContactCommand, frozen=True, tag="contact.block"):
    """Block a person: they cannot find, invite or write to the reader, and do not learn of it."""


class UnblockContact(ContactCommand, frozen=True, tag="contact.unblock"):
    """Unblock a person. Becoming contacts again needs a new invitation."""


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
    | RunCommand
    | DismissNote
    | CreateGroup
    | RenameGroup
    | SetRetention
    | SetGroupPicture
    | AddMembers
    | RemoveMember
    | ChangeRole
    | LeaveGroup
    | InviteContact
    | GreetContact
    | AcceptContact
    | DeclineContact
    | CancelContact
    | RemoveContact
    | BlockContact
    | UnblockContact
)
