"""Messages: sent, saved, found, begun and scheduled."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, Rev, Seq
from apps.wire.bodies.files import File, FileKind
from apps.wire.bodies.layouts import Layout
from apps.wire.bodies.people import Person

ScheduledState = Literal["waiting", "sent", "failed", "cancelled", "held"]


class Quote(Body, frozen=True):
    """The message that a reply answers: the beginning of its text, and the kind of its first file,
    as of this read. `hidden`: by moderators, see `Message`."""

    seq: Seq
    sender: UUID
    text: str
    deleted: bool
    file: FileKind | None = None
    hidden: bool = False


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


class MessageLink(Body, frozen=True):
    """A link in a message, and the `title` and `description` of its page, in plain text; empty if
    they are not known. `seq`, `sender` and `at` are those of the message."""

    url: str
    host: str
    title: str
    description: str
    seq: Seq
    sender: UUID
    at: datetime


class Message(Body, frozen=True, omit_defaults=True):
    """A timeline entry. `seq` is its place in the chat, `rev` the chat's revision of its last
    change. A client that does not know the `kind` shows a neutral line in its place.

    `about` is the person that an entry like `joined` or `removed` is about; null: the sender joined
    or left by themselves. `thread` is the seq of the message that a thread of replies began with;
    on that message, `replies` counts those that are not deleted, and `last_reply_at` is when the
    last of them was sent. A deleted message keeps its place. So does one that moderators have
    hidden: it is `deleted` and `hidden` until they restore it. `deleted_by_moderator`: they deleted
    it for good. `truncated`: a chat list carries only a part of this entry (the first 300
    characters of the text and 20 mentions, files without variants, no reactions, previews or
    layout); history has all of it.
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
    replies: int = 0
    last_reply_at: datetime | None = None
    quote: Quote | None = None
    mentions: list[UUID] = []
    mentions_all: bool = False
    edited_at: datetime | None = None
    deleted: bool = False
    hidden: bool = False
    deleted_by_moderator: bool = False
    pinned: bool = False
    reactions: list[ReactionCount] = []
    previews: list[Preview] = []
    files: list[File] = []
    layout: Layout | None = None
    truncated: bool = False


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
    """A message of the reader's to be sent at `due_at`. `reason` is the error code if it `failed`
    (`file_gone`: one of its files can no longer be sent), `seq` its place in the chat if it was
    `sent`. `files`: as of its last change. `held`: it waits for a moderator, until `due_at`; it
    fails as `undecided` if none decides, and as `refused`, with the `answer`, if one refuses it."""

    id: UUID
    chat: UUID
    client_id: UUID
    text: str
    reply_to: Seq | None
    due_at: datetime
    state: ScheduledState
    reason: str
    seq: Seq | None
    files: list[File] = []
    answer: str = ""
