"""The events of the protocol. Clients ignore unknown fields and unknown types.

An event of a chat's stream carries `chat` and `rev`; one of the person's own stream carries
`user_rev`. Either may carry `prev` (`user_prev`): the revision it follows, if that is not the one
just before, because later changes replaced those between.
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
    Note,
    NotificationSettings,
    Position,
    Presence,
    Report,
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
    "chat_closed",
    "full",
    "conflict",
    "rate_limited",
    "slowed",
    "new_account",
    "greeted",
    "unknown_command",
    "against_rules",
    "plugin_refused",
    "not_as_edit",
    "held",
    "too_many_held",
    "file_gone",
    "resume_first",
    "unavailable",
]
ResetReason = Literal["unknown_epoch", "cursor_ahead"]


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """Base of all events."""


class Welcome(Event, frozen=True, tag="welcome"):
    """First event on a connection. The client replies with `resume`. `emoji`: the revision of the
    list of custom emoji."""

    epoch: UUID
    me: Me
    time: datetime
    limits: Limits
    release: str
    motd: str = ""
    emoji: Rev = 0


class ServerChanged(Event, frozen=True, tag="server"):
    """What `welcome` said of the server has changed: these replace it."""

    limits: Limits
    motd: str = ""
    emoji: Rev = 0


class Snapshot(Event, frozen=True, tag="snapshot"):
    """Sent to a client without a cache, or after `reset`: replace everything held.

    Chats follow in `chats` events. `user_rev` is the revision of the person's stream.
    """

    user_rev: Rev
    me: Me
    contacts: list[Contact]
    drafts: list[Draft] = []
    saved: list[SavedMessage] = []
    scheduled: list[Scheduled] = []
    notifications: NotificationSettings | None = None
    notes: list[Note] = []


class Chats(Event, frozen=True, tag="chats"):
    """Some of the reader's chats in their current state, newest activity first. Each replaces what
    the client holds of that chat, without its entries; the cursor becomes the chat's `rev`."""

    chats: list[Chat]


class Reset(Event, frozen=True, tag="reset"):
    """The client's cursors cannot be continued: drop the cache (never the outbox). A `snapshot`
    follows."""

    reason: ResetReason


class Gap(Event, frozen=True, tag="gap"):
    """Too many events of a chat were missed to send them all. The cursor becomes `rev`. `messages`
    are the newest entries; older ones come from history. Members must be fetched again. `read_seq`
    is the reader's; the fields with defaults are those of the chat."""

    chat: UUID
    rev: Rev
    title: str
    last_seq: Seq
    read_seq: Seq
    messages: list[Message]
    picture: UUID | None = None
    closed_reason: str = ""
    uncounted: list[Seq] = []
    mentioned: list[Seq] = []
    kept_from: Seq = 1
    kept_days: int = 0


class Mismatch(Event, frozen=True, tag="mismatch"):
    """Entries `first` to `last` of a chat differ from what the client holds: drop them and fetch
    them again."""

    chat: UUID
    first: Seq
    last: Seq


class Synced(Event, frozen=True, tag="synced"):
    """Everything committed before the resume has been sent; live events follow."""


class MessageChanged(Event, frozen=True, tag="message"):
    """A timeline entry was added or changed. Its sender has read the chat up to it."""

    chat: UUID
    rev: Rev
    message: Message
    prev: Rev | None = None


class MemberChanged(Event, frozen=True, tag="member"):
    """Somebody joined a group, left it, or has another role. For the person who left, this is the
    last event of the chat."""

    chat: UUID
    rev: Rev
    member: Member
    prev: Rev | None = None


class TitleChanged(Event, frozen=True, tag="title"):
    """The title or the picture of a group was changed, moderators closed or reopened it, or the
    entries of a chat before `kept_from` were deleted: drop them, and what quotes them."""

    chat: UUID
    rev: Rev
    title: str
    prev: Rev | None = None
    picture: UUID | None = None
    closed_reason: str = ""
    kept_from: Seq = 1
    kept_days: int = 0


class TypingNow(Event, frozen=True, tag="typing"):
    """A member is writing. State without a revision: expires after 6 s, or with their message."""

    chat: UUID
    person: UUID


class ReceiptMoved(Event, frozen=True, tag="receipt"):
    """A member's positions moved. State without a revision: only the newest matters."""

    chat: UUID
    position: Position


class PresenceChanged(Event, frozen=True, tag="presence"):
    """Contacts of the reader came online, went away or offline. State without a revision."""

    people: list[Presence]


class ChatChanged(Event, frozen=True, tag="chat"):
    """The reader joined this chat, or changed their own settings or read position in it."""

    user_rev: Rev
    chat: Chat
    user_prev: Rev | None = None


class ChatLeft(Event, frozen=True, tag="left"):
    """The reader is not a member any more: drop the chat."""

    user_rev: Rev
    chat: UUID
    user_prev: Rev | None = None


class SavedChanged(Event, frozen=True, tag="saved"):
    """The reader saved a message, or removed it from the saved ones."""

    user_rev: Rev
    chat: UUID
    seq: Seq
    saved: bool
    user_prev: Rev | None = None


class DraftChanged(Event, frozen=True, tag="draft"):
    """The reader's unsent text in a chat was changed, on any device."""

    user_rev: Rev
    chat: UUID
    text: str
    reply_to: Seq | None = None
    user_prev: Rev | None = None


class ScheduledChanged(Event, frozen=True, tag="scheduled"):
    """A message of the reader's that was scheduled, or waits for a moderator, was created, changed,
    sent or cancelled, or failed."""

    user_rev: Rev
    scheduled: Scheduled
    user_prev: Rev | None = None


class NoteChanged(Event, frozen=True, tag="note"):
    """A command answered to the reader alone, or its answer is `gone`: dismissed, or over."""

    user_rev: Rev
    note: Note
    gone: bool = False
    user_prev: Rev | None = None


class NotificationSettingsChanged(Event, frozen=True, tag="notifications"):
    """The reader changed their notification settings."""

    user_rev: Rev
    settings: NotificationSettings
    user_prev: Rev | None = None


class UndeliveredNotices(Event, frozen=True, tag="undelivered"):
    """Messages whose push was given up. Sent on resume, before anything new."""

    chats: list[Undelivered]


class ContactChanged(Event, frozen=True, tag="contact"):
    """The relation between the reader and a person changed."""

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


class ReportChanged(Event, frozen=True, tag="report"):
    """A report of the reader was taken up or decided. Only sent to connections that are open then:
    `GET /reports` has the state of each."""

    report: Report


class WaitingChanged(Event, frozen=True, tag="waiting"):
    """Reports, answers to suspensions, messages that rules hold, or requests to read a chat came in
    or were dealt with.
    Only sent to moderators, to connections that are open then: `GET /moderation/waiting` counts
    what waits."""


class Heartbeat(Event, frozen=True, tag="heartbeat"):
    """Sent to every connection at least every 25 s. `heads` are the revs of chats that changed
    since the last heartbeat; a client that is behind one of them resumes."""

    time: datetime
    heads: dict[UUID, Rev]
    user_rev: Rev


class Reconnect(Event, frozen=True, tag="reconnect"):
    """This server process ends soon, and others go on: open another connection now, and leave this
    one. Clients are told in turns, and need not wait. One that stays is disconnected some seconds
    later; what it has sent has its reply by then."""


class Ack(Event, frozen=True, tag="ack"):
    """The command was executed and committed. For `send`, with the message's place in the chat."""

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
    | ServerChanged
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
    | NoteChanged
    | NotificationSettingsChanged
    | UndeliveredNotices
    | ContactChanged
    | MeChanged
    | ReadMoved
    | ReportChanged
    | WaitingChanged
    | Heartbeat
    | Reconnect
    | Ack
    | Error
)
