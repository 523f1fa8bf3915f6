"""What an archive has: one JSON object a line, in these files of a folder or ZIP file.

    archive.json              an Archive
    people.jsonl              a Person a line, by id
    files.jsonl               a File a line, by id
    chats.jsonl               a Chat a line, by id
    entries/<chat id>.jsonl   an Entry a line, by seq, from `kept_from` of the chat without gaps
    contents/<sha256>         what files have, each content once

A reader can rely on this order: people before the files and chats that name them, and of a chat
everything that an entry refers to before the entry. Ids are UUIDs, moments are RFC 3339 in UTC with
up to six digits of a second, fields with their default are left out, and nothing else is written:
so two archives of the same chats are equal byte by byte. For that reason, no record says when or
where the archive was made.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

# With a time zone.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
FORMAT = "parley-archive"
VERSION = 1
PARLEY = "parley"
SYSTEM_KINDS = {
    *("accepted", "created", "expelled", "joined", "left", "moderator_read", "picture"),
    *("picture_reset", "removed", "renamed", "retention", "title_reset"),
}


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line."""


class Archive(Record, frozen=True):
    """`source` names where it comes from: "parley", or the product that it was converted from. The
    numbers say what has to be there."""

    format: str
    version: int
    source: str
    people: int
    files: int
    chats: int
    entries: int


class Person(Record, frozen=True):
    """Somebody who wrote, read or was named. `email` and `subjects` (issuer and subject at an
    identity provider) find or claim the account; archives for people leave them out. `former`: the
    account is closed; `bot`: a program; `erased`: nothing is left of the person, neither name nor
    username. `picture` is a File."""

    id: UUID
    username: str = ""
    name: str = ""
    email: str = ""
    subjects: tuple[tuple[str, str], ...] = ()
    about: str = ""
    time_zone: str = "UTC"
    locale: str = "en"
    picture: UUID | None = None
    former: bool = False
    erased: bool = False
    bot: bool = False


class Variant(Record, frozen=True):
    """A stored form of a picture: `thumbnail`, `saver` or `full`. Its content is `sha256`."""

    name: str
    type: str
    size: int
    sha256: str
    width: int
    height: int


class File(Record, frozen=True):
    """A file of messages or a picture of a person or group.

    `sha256` is its content as it was uploaded, of `size` bytes. Of a picture a server of Parley
    keeps other forms instead: then there are `variants`, with what else is known of it (`width` to
    `placeholder`), and the archive does not have the content of `sha256`. A picture from elsewhere
    has none of these: the import makes them. `missing` says why there is no content at all; then
    `sha256` may be empty.
    """

    id: UUID
    owner: UUID
    name: str
    type: str
    size: int
    at: Moment
    sha256: str = ""
    as_file: bool = False
    duration_ms: int | None = None
    waveform: bytes = b""
    width: int = 0
    height: int = 0
    animated: bool = False
    placeholder: str = ""
    variants: tuple[Variant, ...] = ()
    missing: str = ""


class Membership(Record, frozen=True):
    """`read` and `delivered` are seqs; `left`: the membership has ended; `removed`: by others."""

    person: UUID
    role: Literal["owner", "admin", "member"] = "member"
    joined_at: Moment | None = None
    read: int = 0
    delivered: int = 0
    left: bool = False
    removed: bool = False


class Chat(Record, frozen=True):
    """Memberships are in the order of the ids of the people. A direct chat has two, and a group up
    to a hundred that have not ended. `closed_reason`: why moderators closed the group.

    Entries before `kept_from` were deleted for good, because they were older than `kept_days`, or
    (0) by an operator. `keep_days` is what the people of the chat have set; 0 keeps everything."""

    id: UUID
    kind: Literal["direct", "group"]
    created_at: Moment
    members: tuple[Membership, ...]
    title: str = ""
    picture: UUID | None = None
    closed_reason: str = ""
    kept_from: int = 1
    kept_days: int = 0
    keep_days: int = 0


class Edit(Record, frozen=True):
    """A former text, which was shown until then."""

    text: str
    until: Moment


class Reaction(Record, frozen=True):
    """In the order in which people reacted."""

    emoji: str
    person: UUID
    at: Moment


class Preview(Record, frozen=True):
    """The title and description of a linked page, as they were when the message was sent."""

    url: str
    title: str
    description: str
    site: str


class Entry(Record, frozen=True):
    """A message (`kind` "text") or what happened in the chat (`created`, `joined`, `renamed` …,
    then `about` is the person concerned).

    `reply_to` and `thread` (the first message of it) are seqs: a reply has both, its thread is that
    of the message it replies to, or else that message. A reply to a message that was deleted for
    good before has no thread, and a thread whose first message was deleted for good is not gone on
    with: the next reply begins another one. `mentions` are people; `client_id` is that
    of the sender's device, and different for each message of theirs in the chat. `at` never goes
    back within a chat.

    `layout` is how a message of a program is drawn (`Layout` of the protocol).

    A deleted message keeps its place and has no content. One that moderators hid has `hidden_at`;
    its content is here only if an operator made the archive. `by_moderator`: they deleted it.
    """

    seq: int
    id: UUID
    by: UUID
    at: Moment
    kind: str = "text"
    text: str = ""
    client_id: UUID | None = None
    about: UUID | None = None
    reply_to: int | None = None
    thread: int | None = None
    mentions: tuple[UUID, ...] = ()
    mentions_all: bool = False
    files: tuple[UUID, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    edits: tuple[Edit, ...] = ()
    previews: tuple[Preview, ...] = ()
    layout: dict[str, Any] | None = None
    edited_at: Moment | None = None
    deleted_at: Moment | None = None
    by_moderator: bool = False
    hidden_at: Moment | None = None
    pinned_at: Moment | None = None
