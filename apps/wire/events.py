"""What a server tells a client. Unknown fields and unknown types are ignored by readers.

An event of a chat's stream carries `chat` and `rev`; one of the person's own stream carries
`user_rev`. Either may carry `prev` (`user_prev`): the revision it follows when that is not the
one just before, because what lay between was replaced by later changes.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire.bodies import (
    Chat,
    Contact,
    Draft,
    Limits,
    Me,
    Member,
    Message,
    NotificationSettings,
    Position,
    Presence,
    Rev,
    SavedMessage,
    Scheduled,
    Seq,
    Undelivered,
)

ErrorCode = Literal[
    "invalid",
    "not_found",
    "empty",
    "too_long",
    "not_contacts",
    "not_possible",
    "forbidden",
    "full",
    "conflict",
    "rate_limited",
    "resume_first",
    "unavailable",
]
ResetReason = Literal["unknown_epoch", "cursor_ahead"]


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """Base of all events."""


class Welcome(Event, frozen=True, tag="welcome"):
    """First event on a connection. The client answers with `resume`."""

    epoch: UUID
    me: Me
    time: datetime
    limits: Limits
    release: str


class Snapshot(Event, frozen=True, tag="snapshot"):
    """Sent to a client that presents nothing, or after `reset`: replace everything held.

    Chats follow in `chats` events; `user_rev` is the person's stream up to here.
    """

    user_rev: Rev
    me: Me
    contacts: list[Contact]
    drafts: list[Draft] = []
    saved: list[SavedMessage] = []
    scheduled: list[Scheduled] = []
    notifications: NotificationSettings | None = None


class Chats(Event, frozen=True, tag="chats"):
    """Some of the reader's chats as they are now, newest activity first. Each replaces what the
    client holds of that chat's heads; its cursor for the chat becomes the chat's `rev`."""

    chats: list[Chat]


class Reset(Event, frozen=True, tag="reset"):
    """What the client presented cannot be continued: drop the cache (never the outbox).
    A `snapshot` follows."""

    reason: ResetReason


class Gap(Event, frozen=True, tag="gap"):
    """Too much was missed in a chat to send it all. The cursor becomes `rev`; `messages` are the
    newest entries, older ones come from history; members are to be asked for anew. `read_seq` is
    the reader's."""

    chat: UUID
    rev: Rev
    title: str
    last_seq: Seq
    read_seq: Seq
    messages: list[Message]


class Mismatch(Event, frozen=True, tag="mismatch"):
    """Entries `first` to `last` of a chat are not what the client said it holds: drop them and ask
    for them anew."""

    chat: UUID
    first: Seq
    last: Seq


class Synced(Event, frozen=True, tag="synced"):
    """All that was committed before the resume has been sent; live events follow."""


class MessageChanged(Event, frozen=True, tag="message"):
    """A timeline entry was added or changed. That its sender wrote it also means that its sender
    has read the chat up to it."""

    chat: UUID
    rev: Rev
    message: Message
    prev: Rev | None = None


class MemberChanged(Event, frozen=True, tag="member"):
    """Somebody joined a group, left it, or has another role. For the person who left, it is the
    last event of the chat."""

    chat: UUID
    rev: Rev
    member: Member
    prev: Rev | None = None


class TitleChanged(Event, frozen=True, tag="title"):
    """A group has another title."""

    chat: UUID
    rev: Rev
    title: str
    prev: Rev | None = None


class TypingNow(Event, frozen=True, tag="typing"):
    """A member is writing. State: it expires after 6 s, or with a message of theirs."""

    chat: UUID
    person: UUID


class ReceiptMoved(Event, frozen=True, tag="receipt"):
    """A member's positions moved. State, not a revision: only the newest matters."""

    chat: UUID
    position: Position


class PresenceChanged(Event, frozen=True, tag="presence"):
    """Who of the reader's people came, went away from their devices, or left. State, not a
    revision."""

    people: list[Presence]


class ChatChanged(Event, frozen=True, tag="chat"):
    """The reader joined this chat, or changed their own marks or read position on it."""

    user_rev: Rev
    chat: Chat
    user_prev: Rev | None = None


class ChatLeft(Event, frozen=True, tag="left"):
    """The reader is no longer in this chat: forget it."""

    user_rev: Rev
    chat: UUID
    user_prev: Rev | None = None


class SavedChanged(Event, frozen=True, tag="saved"):
    """The reader keeps a message, or no longer."""

    user_rev: Rev
    chat: UUID
    seq: Seq
    saved: bool
    user_prev: Rev | None = None


class DraftChanged(Event, frozen=True, tag="draft"):
    """What the reader has begun to write in a chat, on any device."""

    user_rev: Rev
    chat: UUID
    text: str
    reply_to: Seq | None = None
    user_prev: Rev | None = None


class ScheduledChanged(Event, frozen=True, tag="scheduled"):
    """A message of the reader's waits to be sent, was changed, sent or cancelled, or failed."""

    user_rev: Rev
    scheduled: Scheduled
    user_prev: Rev | None = None


class NotificationSettingsChanged(Event, frozen=True, tag="notifications"):
    """The reader wants to be notified of other things."""

    user_rev: Rev
    settings: NotificationSettings
    user_prev: Rev | None = None


class UndeliveredNotices(Event, frozen=True, tag="undelivered"):
    """Sent on resume, before anything new: what pushes were given up."""

    chats: list[Undelivered]


class ContactChanged(Event, frozen=True, tag="contact"):
    """How the reader stands to a person changed."""

    user_rev: Rev
    contact: Contact
    user_prev: Rev | None = None


class MeChanged(Event, frozen=True, tag="me"):
    """The reader's own profile changed."""

    user_rev: Rev
    me: Me
    user_prev: Rev | None = None


class ReadMoved(Event, frozen=True, tag="read"):
    """The reader's own read position or unread mark moved, on any device."""

    user_rev: Rev
    chat: UUID
    read_seq: Seq
    marked_unread: bool
    user_prev: Rev | None = None


class Heartbeat(Event, frozen=True, tag="heartbeat"):
    """Sent to every connection at least every 25 s. `heads` are the revs of chats that moved since
    the last heartbeat; a client that is behind one resumes."""

    time: datetime
    heads: dict[UUID, Rev]
    user_rev: Rev


class Ack(Event, frozen=True, tag="ack"):
    """The command was carried out and committed. For `send`: where the message stands."""

    ref: str
    chat: UUID | None = None
    seq: Seq | None = None
    rev: Rev | None = None
    id: UUID | None = None
    at: datetime | None = None


class Error(Event, frozen=True, tag="error"):
    """The command was refused and changed nothing. `retry_after` is in seconds."""

    code: ErrorCode
    detail: str
    ref: str | None = None
    retry_after: Annotated[float, Meta(ge=0)] | None = None


AnyEvent = (
    Welcome
    | Snapshot
    | Chats
    | Reset
    | Gap
    | Mismatch
    | Synced
    | MessageChanged
    | MemberChanged
    | TitleChanged
    | TypingNow
    | ReceiptMoved
    | PresenceChanged
    | ChatChanged
    | ChatLeft
    | SavedChanged
    | DraftChanged
    | ScheduledChanged
    | NotificationSettingsChanged
    | UndeliveredNotices
    | ContactChanged
    | MeChanged
    | ReadMoved
    | Heartbeat
    | Ack
    | Error
)
