"""The things that travel: people, contacts, chats and messages as every client sees them.

Sockets and the HTTP API send these same bodies. Times are RFC 3339 in UTC, ids are UUIDs.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

ContactState = Literal["none", "outgoing", "incoming", "contact", "blocked"]
ChatKind = Literal["direct", "group"]
ScheduledState = Literal["waiting", "sent", "failed", "cancelled"]
MemberRole = Literal["owner", "admin", "member"]
NotifyLevel = Literal["all", "mentions", "none"]
NotifyOutcome = Literal["none", "skipped", "pending", "cancelled", "released", "sent", "failed"]
# Hours and minutes, as a clock on the wall shows them.
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]

Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Rev = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Body(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all bodies: immutable, sent in full, unknown fields ignored when read."""


class Status(Body, frozen=True):
    """What a person says of what they are doing: words, an emoji, or both, until a time."""

    text: str
    emoji: str
    until: datetime | None


class Person(Body, frozen=True):
    """What anyone may see of a person. A reader leaves a status out once its `until` is past."""

    id: UUID
    username: str
    name: str
    about: str = ""
    status: Status | None = None


class DoNotDisturb(Body, frozen=True):
    """When a person wants quiet: every day from `start` to `end` by the clock of their time zone
    (over midnight when `end` is earlier), and once until a time."""

    start: ClockTime | None = None
    end: ClockTime | None = None
    until: datetime | None = None


class Me(Body, frozen=True):
    """A person's own profile: the public part and the private one.

    `version` goes up with every change; an update names the version it started from.
    `share_seen` off: nobody is told how far the person has read, nor they how far others have.
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
    do_not_disturb: DoNotDisturb = DoNotDisturb()


class Contact(Body, frozen=True):
    """How the reader stands to another person, seen from the reader's side.

    `outgoing`: the reader invited them; `incoming`: they invited the reader;
    `none`: nothing (any more).
    """

    person: Person
    state: ContactState
    since: datetime


class Quote(Body, frozen=True):
    """What a reply answers: the beginning of that message, as it was when this was read."""

    seq: Seq
    sender: UUID
    text: str
    deleted: bool


class ReactionCount(Body, frozen=True):
    """One emoji on a message: how many people, and the first hundred of them."""

    emoji: str
    count: int
    people: list[UUID]


class Preview(Body, frozen=True):
    """What the page behind a link of a message says of itself, in plain text."""

    url: str
    title: str
    description: str
    site: str


class Message(Body, frozen=True, omit_defaults=True):
    """A timeline entry. `seq` is its place in the chat, `rev` the chat's revision of its last
    change. A client that does not know the `kind` shows a neutral line in its place.

    `about` is the person that an entry like `joined` or `removed` speaks of; null: the sender, who
    joined or left by themselves. `thread` is the seq of the message that a thread of replies began
    with. A deleted message keeps its place. `truncated`: a chat list carries only a part of this
    entry (the first 300 characters of the text and 20 mentions, no reactions, no previews); history
    has all of it.
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
    pinned: bool = False
    reactions: list[ReactionCount] = []
    previews: list[Preview] = []
    truncated: bool = False


class Member(Body, frozen=True):
    """A person's place in a group; `left`: they are no longer in it."""

    person: Person
    role: MemberRole
    joined_at: datetime | None
    left: bool


class Chat(Body, frozen=True):
    """A chat as its reader sees it: heads, last entry, and the reader's own marks.

    `unread` is `last_seq - read_seq`. `muted`: until it is said otherwise; `muted_until`: until a
    time. `notify`: of what the reader is notified here; empty: as everywhere. `person` is the
    other side of a direct chat, `sender` who made the last entry, `role` the reader's own.
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


class Position(Body, frozen=True):
    """How far a member has received (`delivered`) and read (`read`) a chat, as seqs. `read` is 0
    where it is not shared."""

    person: UUID
    read: Seq
    delivered: Seq


class Draft(Body, frozen=True):
    """What the reader has begun to write in a chat."""

    chat: UUID
    text: str
    reply_to: Seq | None


class SavedMessage(Body, frozen=True):
    """A message the reader keeps."""

    chat: UUID
    seq: Seq


class TextRange(Body, frozen=True):
    """Part of a text: from `start` up to `end`, as places between UTF-16 code units (what strings
    of browsers count)."""

    start: int
    end: int


class SearchHit(Body, frozen=True):
    """A message that was found, who wrote it, and the part of its text to show, with what matched
    in it. `…` at an end of the excerpt stands for what was left out."""

    chat: UUID
    message: Message
    sender: Person | None
    excerpt: str
    highlights: list[TextRange]


class Scheduled(Body, frozen=True):
    """A message of the reader's that is sent at `due_at`. `reason` says with which code it could
    not be (`failed`); `seq` where it stands (`sent`)."""

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
    """Whether a person has a live connection; `away`: has, but is at none of their devices.
    `last_seen` is when the last connection ended."""

    person: UUID
    online: bool
    last_seen: datetime | None
    away: bool = False


class Limits(Body, frozen=True):
    """What the server will take, so that a client can say so before sending."""

    text_length: int
    frame_bytes: int


class NotificationSettings(Body, frozen=True):
    """What a person wants to be notified of, in chats that say nothing of their own.

    `delay`: seconds that a message may stay unread first. `break_through`: mentions are told of
    also from muted chats and in hours of quiet. `content`: pushes say who wrote what.
    `push_key`: what a browser subscribes with; empty when this server does not push.
    """

    level: NotifyLevel
    keywords: list[str]
    break_through: bool
    delay: int
    content: bool
    push_key: str


class PushDevice(Body, frozen=True):
    """A device of the reader's that takes pushes; `current`: the one of this session."""

    id: UUID
    name: str
    gateway: str
    created_at: datetime
    reached_at: datetime | None
    current: bool


class NotifiedDevice(Body, frozen=True):
    """What became of one push on the way to one device. `status` is the push host's answer."""

    name: str
    host: str
    state: str
    status: int | None
    at: datetime | None
    attempts: int


class NotificationRecord(Body, frozen=True):
    """Why the reader was, or was not, notified of a message: what was decided then.

    `none`: no device of theirs took pushes then, or the record is no longer kept. `cancelled`:
    read in time. `late`: read when it was on its way already.
    """

    outcome: NotifyOutcome
    reason: str
    at: datetime | None
    due_at: datetime | None
    devices: list[NotifiedDevice]
    late: bool = False


class Rehearsed(Body, frozen=True):
    """One message for which the answer would have been another. Reasons as in the record."""

    chat: UUID
    seq: int
    at: datetime
    text: str
    now: str
    then: str


class RehearsalResult(Body, frozen=True):
    """Of the newest `looked_at` messages: how many push `now`, how many would `then`, and those
    that differ."""

    looked_at: int
    now: int
    then: int
    items: list[Rehearsed]


class Undelivered(Body, frozen=True):
    """Messages of a chat, unread still, that no device of the reader's could be told of."""

    chat: UUID
    first_seq: Seq
    last_seq: Seq
