"""Messages that wait for a moderator: who sees which, and what a moderator reads."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from msgspec import Struct

from apps.accounts.models import User
from apps.chats.models import Chat
from apps.moderation.models import HeldMessage


class Place(NamedTuple):
    """Where a page of the queue begins."""

    due_at: datetime
    id: UUID


class HeldEntry(Struct, frozen=True):
    """A message that waits, without its content. `rules`: the rules that hold it. `until`: it goes
    back to its sender then."""

    id: UUID
    chat: UUID
    chat_kind: str
    sender: UUID
    sender_name: str
    held_at: datetime
    until: datetime
    rules: list[str]


class HeldContent(Struct, frozen=True):
    """A message that waits. `files`: their names only."""

    message: HeldEntry
    text: str
    files: list[str]
    reply_to: int | None


def visible_to(moderator_id: UUID | None) -> QuerySet[HeldMessage]:
    """The messages that wait, the oldest first: nobody decides on their own. None: an operator."""
    rows = HeldMessage.objects.filter(state=HeldMessage.State.HELD)
    if moderator_id is not None:
        rows = rows.exclude(user_id=moderator_id)
    return described(rows).order_by("due_at", "id")


def page(moderator_id: UUID | None, *, after: Place | None, limit: int) -> list[HeldEntry]:
    """Up to `limit` of them after a place."""
    rows = visible_to(moderator_id)
    if after is not None:
        same = {"due_at": after.due_at, "id__lte": after.id}
        rows = rows.filter(due_at__gte=after.due_at).exclude(**same)
    return [entry(row) for row in rows[:limit]]


def place(found: HeldEntry) -> Place:
    """Where the page after this one begins."""
    return Place(found.until, found.id)


def described(rows: QuerySet[HeldMessage]) -> QuerySet[HeldMessage]:
    """With the name of the sender, and the kind and the title of the chat."""
    shown = Coalesce(NullIf("name", Value("")), "username")
    sender = User.objects.filter(id=OuterRef("user_id")).annotate(shown=shown)
    chat = Chat.objects.filter(id=OuterRef("chat_id"))
    return rows.annotate(
        sender_name=Subquery(sender.values("shown")[:1]),
        chat_kind=Subquery(chat.values("kind")[:1]),
        chat_title=Subquery(chat.values("title")[:1]),
    )


def entry(row: HeldMessage) -> HeldEntry:
    """A row of `described`, without its content."""
    return HeldEntry(
        id=row.id,
        chat=row.chat_id,
        chat_kind=getattr(row, "chat_kind", None) or "",
        sender=row.user_id,
        sender_name=getattr(row, "sender_name", None) or "",
        held_at=row.held_at or row.due_at,
        until=row.due_at,
        rules=row.held_by.splitlines(),
    )


def title(row: HeldMessage) -> str:
    """The title of the group of a row of `described`; its id when it has none or is gone."""
    return getattr(row, "chat_title", None) or str(row.chat_id)


def content(row: HeldMessage) -> HeldContent:
    """A row of `described`, as a moderator reads it."""
    files = [str(file["name"]) for file in row.files or []]
    return HeldContent(entry(row), row.text, files, row.reply_to)
