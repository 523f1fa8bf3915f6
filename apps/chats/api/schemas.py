"""Request and response bodies of the chats' API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire import bodies
from apps.wire.commands import ChatPosition
from apps.wire.http import Cursor, Input
from apps.wire.limits import MAX_FILES

Limit = Annotated[int, Meta(ge=1, le=500, description="How many at most.")]
Files = Annotated[list[UUID], Meta(max_length=MAX_FILES)]
PlaceInHistory = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class ChatsQuery(Input, frozen=True):
    """A page of the chat list; the filters may be combined."""

    kind: Annotated[bodies.ChatKind | None, Meta(description="Only chats of this kind.")] = None
    archived: Annotated[bool | None, Meta(description="Only archived chats, or only others.")] = (
        None
    )
    unread: Annotated[
        bool | None,
        Meta(description="Only chats with unread messages or marked as unread, or only others."),
    ] = None
    mentioned: Annotated[
        bool | None,
        Meta(description="Only chats with unread messages that mention me, or only others."),
    ] = None
    cursor: Cursor = ""
    limit: Limit = 50


class HistoryQuery(Input, frozen=True):
    """A page of history: at most one of before, after, around and on."""

    before: PlaceInHistory | None = None
    after: PlaceInHistory | None = None
    around: PlaceInHistory | None = None
    on: Annotated[date | None, Meta(description="From the first entry of that day on.")] = None
    tz: Annotated[str, Meta(max_length=64, description="Whose day: an IANA time zone.")] = "UTC"
    limit: Limit = 50


class ChangesQuery(Input, frozen=True):
    """The changes since a revision."""

    since: Annotated[int, Meta(ge=0, le=2**53 - 1)]


class NewMessage(Input, frozen=True):
    """A message to send: a text, files, or both."""

    client_id: UUID
    text: str = ""
    reply_to: PlaceInHistory | None = None
    files: Files = []


class NewDirect(Input, frozen=True):
    """The contact to open a direct chat with."""

    person: UUID


class NewReceipts(Input, frozen=True):
    """Positions to move forward. `visible`: the person is looking at these messages."""

    positions: Annotated[list[ChatPosition], Meta(min_length=1, max_length=200)]
    visible: bool = False


class ChatPage(Struct):
    """A page of the reader's chats; `next` is the cursor of the next page."""

    items: list[bodies.Chat]
    next: str | None


class MessagePage(Struct):
    """Entries in seq order. `anchor` is the seq that around or on asked for."""

    items: list[bodies.Message]
    last_seq: int
    rev: int
    anchor: int | None = None


class ChangesPage(Struct):
    """Changed entries in rev order; `rev` is the revision that the reader has then."""

    items: list[bodies.Message]
    rev: int


class Positions(Struct):
    """The positions of all members."""

    items: list[bodies.Position]
