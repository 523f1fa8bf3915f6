"""What the reader of an export finds, in the terms of Parley but with the vendor's ids."""

from typing import Literal

import msgspec


class DraftPerson(msgspec.Struct, omit_defaults=True):
    """`username` is valid and unique in the archive."""

    key: str
    username: str
    name: str = ""
    email: str = ""
    about: str = ""
    time_zone: str = "UTC"
    locale: str = "en"
    former: bool = False
    bot: bool = False
    picture: "DraftFile | None" = None


class DraftMember(msgspec.Struct, omit_defaults=True):
    """A person in a chat."""

    person: str
    role: Literal["owner", "admin", "member"] = "member"
    read_until: int = 0


class DraftChat(msgspec.Struct, omit_defaults=True):
    """`created_at` is 0 when it is not known."""

    key: str
    kind: Literal["direct", "group"]
    title: str
    members: list[DraftMember]
    created_at: int = 0


class DraftFile(msgspec.Struct, omit_defaults=True):
    """`paths` are where the export may have its content; `missing` says why it has not."""

    key: str
    name: str
    type: str = ""
    size: int = 0
    paths: list[str] = []
    missing: str = ""


class DraftReaction(msgspec.Struct):
    """`emoji` is one emoji in Unicode."""

    emoji: str
    person: str
    at: int


class DraftEdit(msgspec.Struct):
    """A former text."""

    text: str
    until: int


class DraftMessage(msgspec.Struct, omit_defaults=True):
    """`thread` is the key of the first message of the thread that it answers in. `first`: the entry
    that says who created the chat."""

    key: str
    by: str
    at: int
    kind: str = "text"
    text: str = ""
    about: str = ""
    thread: str = ""
    mentions: list[str] = []
    mentions_all: bool = False
    files: list[DraftFile] = []
    reactions: list[DraftReaction] = []
    edits: list[DraftEdit] = []
    edited_at: int = 0
    deleted_at: int = 0
    pinned_at: int = 0
