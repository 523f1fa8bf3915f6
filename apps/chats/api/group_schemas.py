"""Request and response bodies of the API of groups and single messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.chats.queries.people import ReceiptState
from apps.wire import bodies
from apps.wire.http import Cursor, Input, PageLimit, PageQuery
from apps.wire.limits import MAX_DRAFT_LENGTH

People = Annotated[list[UUID], Meta(max_length=1000)]


class NewGroup(Input, frozen=True):
    """A group to create: its title and some contacts of its owner."""

    title: str
    people: People = []


class NewTitle(Input, frozen=True):
    """A new title."""

    title: str


class Title(Struct, frozen=True):
    """The title of a group; that of a direct chat is empty."""

    title: str


class NewPicture(Input, frozen=True):
    """A picture that the person uploaded; null removes the group's."""

    file: UUID | None


class NewMembers(Input, frozen=True):
    """Contacts to add."""

    people: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]


class NewRole(Input, frozen=True):
    """A new role."""

    role: bodies.MemberRole


class NewLink(Input, frozen=True):
    """An invite link: its lifetime in hours, and the number of uses (null: unlimited)."""

    hours: Annotated[int, Meta(ge=1, le=8760)] = 168
    most_uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class NewText(Input, frozen=True):
    """A new text. `base_at`: the `edited_at`, or else `at`, of the text that was edited."""

    text: str
    base_at: Annotated[datetime, Meta(tz=True)] | None = None


class NewDraft(Input, frozen=True):
    """A draft; an empty text clears it. `expected`: the text that the draft is known to have. One
    that was written on another device meanwhile is not cleared, and other texts are stored below
    it."""

    text: Annotated[str, Meta(max_length=MAX_DRAFT_LENGTH)]
    reply_to: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    expected: Annotated[str, Meta(max_length=MAX_DRAFT_LENGTH)] | None = None


class SavedQuery(Input, frozen=True):
    """A page of the saved messages; it ends early after 2 MB of text."""

    cursor: Cursor = ""
    limit: Annotated[int, Meta(ge=1, le=500, description="How many at most.")] = 500


class SeenQuery(PageQuery, frozen=True):
    """A page of people, by what they have done with the message."""

    state: ReceiptState = "seen"


class ReactionsQuery(Input, frozen=True):
    """A page of the people who reacted with one emoji."""

    emoji: Annotated[str, Meta(max_length=64)]
    cursor: Cursor = ""
    limit: PageLimit = 50


class Members(Struct, frozen=True):
    """Members of a chat, and former ones (`left` is true), whose messages are still there."""

    items: list[bodies.Member]
    former: list[bodies.Member]


class Link(Struct, frozen=True):
    """An invite link as those see it who may make links. `url`: null if it cannot be read again:
    the link is from before that was possible, or the server signs with another key since."""

    id: UUID
    url: str | None
    expires_at: datetime
    most_uses: int | None
    uses: int


class Links(Struct, frozen=True):
    """The usable links."""

    items: list[Link]


class Invitation(Struct, frozen=True):
    """The group of a link, for someone who is about to join."""

    title: str
    members: int


class Messages(Struct, frozen=True):
    """A page of messages; `next` is the cursor of the next page."""

    items: list[bodies.Message]
    next: str | None = None


class SavedMessageItem(Struct, frozen=True):
    """A saved message with its chat."""

    chat: UUID
    message: bodies.Message


class SavedMessageList(Struct, frozen=True):
    """A page of saved messages, last saved first."""

    items: list[SavedMessageItem]
    next: str | None


class Drafts(Struct, frozen=True):
    """My drafts that are not empty."""

    items: list[bodies.Draft]


class PeoplePage(Struct, frozen=True):
    """A page of people; `next` is the cursor of the next page."""

    items: list[bodies.Person]
    next: str | None


class SeenPage(PeoplePage, frozen=True):
    """A page of people, and when they saw the message, for those whose time is known: a member's
    read position keeps the time of its last move only."""

    times: dict[UUID, datetime]


class FormerText(Struct, frozen=True):
    """The text of a message until a time."""

    text: str
    until: datetime


class FormerTextsQuery(Input, frozen=True):
    """A page of former texts. Pages are small, as each text may have 100,000 characters."""

    cursor: Cursor = ""
    limit: Annotated[int, Meta(ge=1, le=10, description="How many at most.")] = 10


class FormerTexts(Struct, frozen=True):
    """Former texts of a message, oldest first; `next` is the cursor of the next page."""

    items: list[FormerText]
    next: str | None
