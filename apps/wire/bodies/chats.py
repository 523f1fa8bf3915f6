"""Chats, their members, and the limits of the server."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, Rev, Seq
from apps.wire.bodies.messages import Message
from apps.wire.bodies.notifications import NotifyLevel
from apps.wire.bodies.people import Person

ChatKind = Literal["direct", "group"]
MemberRole = Literal["owner", "admin", "member"]


class Member(Body, frozen=True):
    """A person's membership in a group; `left`: it has ended."""

    person: Person
    role: MemberRole
    joined_at: datetime | None
    left: bool


class Chat(Body, frozen=True):
    """A chat as its reader sees it: heads, last entry, and the reader's own settings.

    `unread`: how many messages are, and whether an invitation was accepted; `uncounted`: the seqs
    after `read_seq` that do not count, since nobody wrote them or they are deleted (the newest
    500), so `unread` is `last_seq - read_seq` less their number; `mentioned`: the seqs of unread
    messages that mention the reader, or had one of their keywords when they were written (the
    newest 100). All three are from when the chat was sent;
    docs/protocol.md says how to keep them. `muted`: until it is unset; `muted_until`: until a time.
    `notify`: which messages notify the reader here; empty: as set for all chats. `person` is the
    other side of a direct chat, `sender` the author of the last entry, `role` the reader's own.
    `picture` is the file of a group's picture. `closed_reason`: why moderators closed the group;
    empty while it is open. `unread_from`: the first entry that the reader marked unread, while
    `marked_unread` is set; null: they marked none.
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
    closed_reason: str = ""
    unread: Seq = 0
    uncounted: list[Seq] = []
    mentioned: list[Seq] = []
    unread_from: Seq | None = None


class Position(Body, frozen=True):
    """How far a member has received (`delivered`) and read (`read`) a chat, as seqs. `read` is 0
    if it is not shared."""

    person: UUID
    read: Seq
    delivered: Seq


class Limits(Body, frozen=True):
    """Limits of the server, so that a client can check them before it sends."""

    text_length: int
    frame_bytes: int
    file_bytes: int
    files: int
