"""What the endpoints of groups and single messages take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire import bodies
from apps.wire.http import Input

People = Annotated[list[UUID], Meta(max_length=1000)]


class NewGroup(Input, frozen=True):
    """A group to make: its title and some of the maker's contacts."""

    title: str
    people: People = []


class NewTitle(Input, frozen=True):
    """Another title."""

    title: str


class NewMembers(Input, frozen=True):
    """Contacts to add."""

    people: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]


class NewRole(Input, frozen=True):
    """Another role."""

    role: bodies.MemberRole


class NewLink(Input, frozen=True):
    """An invite link: how many hours it lasts, and how many may use it (null: any number)."""

    hours: Annotated[int, Meta(ge=1, le=8760)] = 168
    most_uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class NewText(Input, frozen=True):
    """Another text. `base_at`: `edited_at`, or else `at`, of the text that it was made from."""

    text: str
    base_at: Annotated[datetime, Meta(tz=True)] | None = None


class NewDraft(Input, frozen=True):
    """What is written so far; an empty text forgets it."""

    text: Annotated[str, Meta(max_length=100_000)]
    reply_to: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None


class PageQuery(Input, frozen=True):
    """A page of a list."""

    cursor: Annotated[str, Meta(description="`next` of the page before.")] = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class ReactionsQuery(Input, frozen=True):
    """Who reacted with one emoji."""

    emoji: Annotated[str, Meta(max_length=64)]
    cursor: str = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Members(Struct, frozen=True):
    """Who is in a chat, and who was: what those wrote still stands there (`left` is true)."""

    items: list[bodies.Member]
    former: list[bodies.Member]


class Link(Struct, frozen=True):
    """An invite link as its group sees it; the secret itself is not kept."""

    id: UUID
    expires_at: datetime
    most_uses: int | None
    uses: int


class Links(Struct, frozen=True):
    """The links that can be used now."""

    items: list[Link]


class FreshLink(Struct, frozen=True):
    """A link just made. `url` is shown this once."""

    id: UUID
    url: str


class Invitation(Struct, frozen=True):
    """What a link leads to, for somebody who is about to join."""

    title: str
    members: int


class Messages(Struct, frozen=True):
    """Some messages; `next` is the cursor of the following page."""

    items: list[bodies.Message]
    next: str | None = None


class SavedMessageItem(Struct, frozen=True):
    """A saved message with its chat."""

    chat: UUID
    message: bodies.Message


class SavedMessageList(Struct, frozen=True):
    """Saved messages, the newest first."""

    items: list[SavedMessageItem]


class PeoplePage(Struct, frozen=True):
    """Some people; `next` is the cursor of the following page."""

    items: list[bodies.Person]
    next: str | None


class FormerText(Struct, frozen=True):
    """What a message said until a time."""

    text: str
    until: datetime


class FormerTextsQuery(Input, frozen=True):
    """A page of former texts. Each may have 100,000 characters, so a page has few."""

    cursor: Annotated[str, Meta(description="`next` of the page before.")] = ""
    limit: Annotated[int, Meta(ge=1, le=10)] = 10


class FormerTexts(Struct, frozen=True):
    """What a message said before, oldest first; `next` is the cursor of the following page."""

    items: list[FormerText]
    next: str | None
