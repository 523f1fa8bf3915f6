"""The bodies of the protocol: people, contacts, chats and messages as every client sees them.

Sockets and the HTTP API send the same bodies. Times are RFC 3339 in UTC, ids are UUIDs.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

ContactState = Literal["none", "outgoing", "incoming", "contact", "blocked"]
ChatKind = Literal["direct", "group"]
ScheduledState = Literal["waiting", "sent", "failed", "cancelled"]
ExportState = Literal["waiting", "ready", "failed"]
MemberRole = Literal["owner", "admin", "member"]
FileKind = Literal["image", "video", "audio", "voice", "document", "file"]
FileProblem = Literal["", "no_picture", "too_many_pixels", "failed"]
FileState = Literal["uploading", "processing", "ready", "failed"]
NotifyLevel = Literal["all", "mentions", "none"]
ReportKind = Literal["entry", "person", "chat"]
ReportReason = Literal[
    "spam", "harassment", "hate", "violence", "sexual", "illegal", "self_harm", "other"
]
ReportState = Literal["open", "claimed", "decided"]
ReportOutcome = Literal["action", "no_action"]
NotifyOutcome = Literal["none", "skipped", "pending", "cancelled", "released", "sent", "failed"]
# Hours and minutes of local time.
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]

Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Rev = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Body(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all bodies: immutable, sent in full, unknown fields ignored when read."""


class Status(Body, frozen=True):
    """What a person is doing, in their own words: a text, an emoji, or both, until a time."""

    text: str
    emoji: str
    until: datetime | None


class Person(Body, frozen=True):
    """The public part of a profile. Clients hide a status once its `until` is past. `username` is
    empty when the account was deleted; `name` is "Former member" then. `picture` is a file; without
    one, or if it cannot be loaded, clients show the person's initials."""

    id: UUID
    username: str
    name: str
    about: str = ""
    status: Status | None = None
    picture: UUID | None = None


class DoNotDisturb(Body, frozen=True):
    """When a person wants no notifications: every day from `start` to `end` in their time zone
    (over midnight when `end` is earlier), and once until a time."""

    start: ClockTime | None = None
    end: ClockTime | None = None
    until: datetime | None = None


class Me(Body, frozen=True):
    """A person's own profile: the public part and the private one.

    `version` goes up with every change; an update names the version it started from. With
    `share_seen` off, others do not see how far the person has read, nor the person how far others
    have.
    """

    id: UUID
    username: str
    name: str
    about: str
    email: str
    locale: str
    time_zone: str
    version: int
    share_seen: bool = True
    status: Status | None = None
    picture: UUID | None = None
    do_not_disturb: DoNotDisturb = DoNotDisturb()


class Contact(Body, frozen=True):
    """The relation between the reader and another person, seen from the reader's side.

    `outgoing`: the reader invited them; `incoming`: they invited the reader; `none`: no relation
    (any more).
    """

    person: Person
    state: ContactState
    since: datetime


class Quote(Body, frozen=True):
    """The message that a reply answers: the beginning of its text, and the kind of its first file,
    as of this read."""

    seq: Seq
    sender: UUID
    text: str
    deleted: bool
    file: FileKind | None = None


class ReactionCount(Body, frozen=True):
    """One emoji on a message: how many people reacted with it, and the first hundred of them."""

    emoji: str
    count: int
    people: list[UUID]


class Preview(Body, frozen=True):
    """The title and description of a page linked in a message, in plain text."""

    url: str
    title: str
    description: str
    site: str


class FileVariant(Body, frozen=True, omit_defaults=True):
    """One stored form of a file. `name` is part of its address; `size` is in bytes; pictures have
    `width` and `height` in pixels."""

    name: str
    type: str
    size: int
    width: int = 0
    height: int = 0


class FileContent(Body, frozen=True, kw_only=True, omit_defaults=True):
    """What a file contains, as the server found it.

    `type` is the media type of the original. A picture has its size as shown, in pixels, and a
    `placeholder` (a ThumbHash, in base64). Files of other kinds have one variant, `original`.
    """

    kind: FileKind
    type: str
    variants: list[FileVariant]
    width: int = 0
    height: int = 0
    animated: bool = False
    placeholder: str = ""


class File(FileContent, frozen=True, kw_only=True, omit_defaults=True):
    """A file that messages can show. `size` is that of the upload, in bytes. A voice message has
    its `duration` in seconds, and its `waveform`: up to 64 loudnesses as bytes, in base64."""

    id: UUID
    name: str
    size: int
    duration: float = 0
    waveform: str = ""


class Upload(Body, frozen=True):
    """An upload of the reader's. `received` bytes of `size` have arrived; then it is `processing`
    for a moment, and `ready` when messages can use its `file`. `failed`: it could not be stored,
    and `problem` says why: a picture that is damaged (`no_picture`) or has too many pixels
    (`too_many_pixels`), or something else (`failed`). It is deleted at `expires_at` if nothing uses
    it; null: something does. `kept`: the reader keeps it, which is a use.
    """

    id: UUID
    client_id: UUID
    name: str
    size: int
    received: int
    state: FileState
    file: File | None
    problem: FileProblem
    at: datetime
    kept: bool
    expires_at: datetime | None


class FileStorage(Body, frozen=True):
    """The bytes that the reader's files take, how many they may take (null: any number), and how
    large one file may be."""

    used: int
    quota: int | None
    file_bytes: int


class Message(Body, frozen=True, omit_defaults=True):
    """A timeline entry. `seq` is its place in the chat, `rev` the chat's revision of its last
    change. A client that does not know the `kind` shows a neutral line in its place.

    `about` is the person that an entry like `joined` or `removed` is about; null: the sender joined
    or left by themselves. `thread` is the seq of the message that a thread of replies began with. A
    deleted message keeps its place. So does one that moderators have hidden: it is `deleted` and
    `hidden` until they restore it. `truncated`: a chat list carries only a part of this entry (the
    first 300 characters of the text and 20 mentions, files without variants, no reactions, no
    previews); history has all of it.
    """

    seq: Seq
    rev: Rev
    id: UUID
    kind: str
    sender: UUID
    client_id: UUID
    text: str
    at: datetime
    about: UUID | None = None
    reply_to: Seq | None = None
    thread: Seq | None = None
    quote: Quote | None = None
    mentions: list[UUID] = []
    mentions_all: bool = False
    edited_at: datetime | None = None
    deleted: bool = False
    hidden: bool = False
    pinned: bool = False
    reactions: list[ReactionCount] = []
    previews: list[Preview] = []
    files: list[File] = []
    truncated: bool = False


class Member(Body, frozen=True):
    """A person's membership in a group; `left`: it has ended."""

    person: Person
    role: MemberRole
    joined_at: datetime | None
    left: bool


class Chat(Body, frozen=True):
    """A chat as its reader sees it: heads, last entry, and the reader's own settings.

    The number of unread entries is `last_seq - read_seq`. `muted`: until it is unset;
    `muted_until`: until a time. `notify`: which messages notify the reader here; empty: as set for
    all chats. `person` is the other side of a direct chat, `sender` the author of the last entry,
    `role` the reader's own. `picture` is the file of a group's picture.
    """

    id: UUID
    kind: ChatKind
    title: str
    person: Person | None
    rev: Rev
    last_seq: Seq
    last: Message | None
    sender: Person | None
    members: int
    role: MemberRole
    active_at: datetime
    read_seq: Seq
    marked_unread: bool
    pinned: bool
    archived: bool
    muted: bool
    muted_until: datetime | None = None
    notify: NotifyLevel | Literal[""] = ""
    picture: UUID | None = None


class Position(Body, frozen=True):
    """How far a member has received (`delivered`) and read (`read`) a chat, as seqs. `read` is 0
    if it is not shared."""

    person: UUID
    read: Seq
    delivered: Seq


class Draft(Body, frozen=True):
    """The reader's unsent text in a chat."""

    chat: UUID
    text: str
    reply_to: Seq | None


class SavedMessage(Body, frozen=True):
    """A message that the reader saved."""

    chat: UUID
    seq: Seq


class TextRange(Body, frozen=True):
    """Part of a text, from `start` up to `end`, counted in UTF-16 code units as JavaScript strings
    are."""

    start: int
    end: int


class SearchHit(Body, frozen=True):
    """A message that was found, its author, and the excerpt of its text to show, with the matching
    ranges in it. `…` at an end of the excerpt stands for omitted text."""

    chat: UUID
    message: Message
    sender: Person | None
    excerpt: str
    highlights: list[TextRange]


class Scheduled(Body, frozen=True):
    """A message of the reader's to be sent at `due_at`. `reason` is the error code if it `failed`,
    `seq` its place in the chat if it was `sent`."""

    id: UUID
    chat: UUID
    client_id: UUID
    text: str
    reply_to: Seq | None
    due_at: datetime
    state: ScheduledState
    reason: str
    seq: Seq | None


class Presence(Body, frozen=True):
    """Whether a person has a live connection. `away`: they have one, but are at none of their
    devices. `last_seen` is when the last connection ended."""

    person: UUID
    online: bool
    last_seen: datetime | None
    away: bool = False


class Limits(Body, frozen=True):
    """Limits of the server, so that a client can check them before it sends."""

    text_length: int
    frame_bytes: int
    file_bytes: int
    files: int


class NotificationSettings(Body, frozen=True):
    """Which messages notify a person, in chats without settings of their own.

    `delay`: how many seconds a message must stay unread first. `break_through`: mentions notify
    also from muted chats and during do-not-disturb. `content`: pushes contain sender and text.
    `push_key`: the key that a browser subscribes with; empty when this server does not push.
    """

    level: NotifyLevel
    keywords: list[str]
    break_through: bool
    delay: int
    content: bool
    push_key: str


class Export(Body, frozen=True):
    """An archive of the reader's own data. `size` is in bytes. `url`: where a `ready` one is
    downloaded, with the session or the token of this person; null before. It is deleted at
    `expires_at`."""

    id: UUID
    state: ExportState
    asked_at: datetime
    ready_at: datetime | None
    size: int | None
    expires_at: datetime
    url: str | None


class Deletion(Body, frozen=True):
    """The reader's account is deleted at `due_at`. A sign-in before takes it back."""

    due_at: datetime


class PushDevice(Body, frozen=True):
    """A device of the reader's that receives pushes; `current`: the one of this session."""

    id: UUID
    name: str
    gateway: str
    created_at: datetime
    reached_at: datetime | None
    current: bool


class Device(Body, frozen=True):
    """A browser or app that the reader is signed in with; `current`: the one that asks.

    `name` is the reader's own if `named`, else what the device says of itself. `used_at` and
    `address` (an IPv6 network for IPv6) are those of the last use, exact to a few minutes.
    """

    id: UUID
    name: str
    named: bool
    kind: Literal["browser", "app"]
    began_at: datetime
    used_at: datetime
    address: str
    current: bool


class NotifiedDevice(Body, frozen=True):
    """The result of one push to one device. `status` is the push host's HTTP status."""

    name: str
    host: str
    state: str
    status: int | None
    at: datetime | None
    attempts: int


class NotificationRecord(Body, frozen=True):
    """Why the reader was, or was not, notified of a message, as decided then.

    `none`: no device of theirs received pushes then, or the record has expired. `cancelled`: the
    message was read in time. `late`: it was read when the push was already on its way.
    """

    outcome: NotifyOutcome
    reason: str
    at: datetime | None
    due_at: datetime | None
    devices: list[NotifiedDevice]
    late: bool = False


class Rehearsed(Body, frozen=True):
    """One message whose outcome would have been different. Reasons as in the record."""

    chat: UUID
    seq: int
    at: datetime
    text: str
    now: str
    then: str


class RehearsalResult(Body, frozen=True):
    """Of the newest `looked_at` messages: how many push with the settings of `now`, how many would
    with those of `then`, and the messages that differ."""

    looked_at: int
    now: int
    then: int
    items: list[Rehearsed]


class Undelivered(Body, frozen=True):
    """Messages of a chat, still unread, whose push reached no device of the reader's."""

    chat: UUID
    first_seq: Seq
    last_seq: Seq


class Report(Body, frozen=True):
    """What the reader reported, and what became of it. `person` is also who wrote a reported entry.
    `outcome`, `decided_at` and the moderators' `answer` come with the decision."""

    id: UUID
    kind: ReportKind
    chat: UUID | None
    seq: Seq | None
    person: UUID | None
    reason: ReportReason
    state: ReportState
    outcome: ReportOutcome | None
    created_at: datetime
    decided_at: datetime | None
    answer: str
