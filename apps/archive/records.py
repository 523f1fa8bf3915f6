"""What an archive has: one JSON object a line, in these files of a folder or ZIP file.

    archive.json              an Archive
    people.jsonl              a Person a line, by id
    files.jsonl               a File a line, by id
    chats.jsonl               a Chat a line, by id
    entries/<chat id>.jsonl   an Entry a line, by seq, from 1 without gaps
    files/<sha256>            the content of a file, once

A reader can rely on this order: people before the files and chats that name them, and of a
chat everything that an entry refers to before the entry. Ids are UUIDs, moments are RFC 3339 in UTC
with microseconds, fields with their default are left out, and nothing else is written: so two
archives of the same chats are equal byte by byte.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

FORMAT = "parley-archive"
VERSION = 1


class Archive(msgspec.Struct, frozen=True, omit_defaults=True):
    """`source` names where it comes from: "parley", or the product that it was converted from. The
    numbers say what has to be there."""

    format: str
    version: int
    source: str
    made_at: datetime
    people: int
    files: int
    chats: int
    entries: int


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody who wrote, read or was named. `email` and `subjects` (issuer and subject at an
    identity provider) find or claim the account; archives for people leave them out. `former`: the
    account is closed or erased. `picture` is a File."""

    id: UUID
    username: str
    name: str = ""
    email: str = ""
    subjects: tuple[tuple[str, str], ...] = ()
    about: str = ""
    time_zone: str = "UTC"
    locale: str = "en"
    picture: UUID | None = None
    former: bool = False


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of messages or a picture of a person or group. `missing` says why its content is not
    in the archive; then `sha256` may be empty."""

    id: UUID
    owner: UUID
    name: str
    type: str
    size: int
    at: datetime
    sha256: str = ""
    as_file: bool = False
    duration_ms: int | None = None
    waveform: bytes = b""
    missing: str = ""


class Membership(msgspec.Struct, frozen=True, omit_defaults=True):
    """`read` and `delivered` are seqs; `left`: the membership has ended; `removed`: by others."""

    person: UUID
    role: Literal["owner", "admin", "member"] = "member"
    joined_at: datetime | None = None
    read: int = 0
    delivered: int = 0
    left: bool = False
    removed: bool = False


class Chat(msgspec.Struct, frozen=True, omit_defaults=True):
    """A direct chat has two memberships, by the id of the person; a group has up to a hundred."""

    id: UUID
    kind: Literal["direct", "group"]
    created_at: datetime
    members: tuple[Membership, ...]
    title: str = ""
    picture: UUID | None = None


class Edit(msgspec.Struct, frozen=True):
    """A former text, which was shown until then."""

    text: str
    until: datetime


class Reaction(msgspec.Struct, frozen=True):
    """In the order in which people reacted."""

    emoji: str
    person: UUID
    at: datetime


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message (`kind` "text") or what happened in the chat (`created`, `joined`, `renamed` …,
    then `about` is the person concerned).

    `reply_to` and `thread` (the first message of it) are seqs. A deleted message keeps its place
    and has no text. `mentions` are people; `client_id` is that of the sender's device.
    """

    seq: int
    id: UUID
    by: UUID
    at: datetime
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
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    pinned_at: datetime | None = None
