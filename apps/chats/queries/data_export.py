"""What chats store about a person, for an export of their data: their own words, and where they
are. What others wrote is others' data."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Case, F, QuerySet, Value, When

from apps.accounts.export_handlers import Rows, Sections, stream
from apps.chats.models import (
    Draft,
    HiddenContent,
    InviteLink,
    Member,
    Message,
    MessageEdit,
    Reaction,
    Saved,
    Scheduled,
)

MEMBER = (
    "chat_id",
    "chat__kind",
    "role",
    "joined_at",
    "read_seq",
    "read_from",
    "read_to",
    "read_at",
    "marked_unread",
    "unread_from",
    "pinned",
    "archived",
    "muted",
    "muted_until",
    "notify",
)
MESSAGE = ("chat_id", "seq", "text", "files", "created_at", "reply_to", "edited_at", "deleted_at")


def sections(user_id: UUID) -> Sections:
    """Memberships and everything that the person has written or made."""
    chats = list(Member.objects.filter(user_id=user_id).values_list("chat_id", flat=True))
    saved = Saved.objects.filter(user_id=user_id, gone=False)
    drafts = Draft.objects.filter(user_id=user_id).exclude(text="")
    scheduled = Scheduled.objects.filter(user_id=user_id).order_by("due_at")
    links = InviteLink.objects.filter(made_by_id=user_id).order_by("made_at")
    return {
        "chats": stream(_memberships(user_id)),
        "messages": _each(chats, lambda chat: _messages(user_id, chat).values(*MESSAGE)),
        "hidden_messages": _each(chats, lambda chat: _hidden(user_id, chat)),
        "earlier_texts": _each(chats, lambda chat: _earlier_texts(user_id, chat)),
        "reactions": _each(chats, lambda chat: _reactions(user_id, chat)),
        "saved_messages": stream(saved.order_by("at").values("chat_id", "seq", "at")),
        "drafts": stream(drafts.order_by("at").values("chat_id", "text", "at")),
        "scheduled_messages": stream(
            scheduled.values(
                "chat_id", "text", "files", "due_at", "state", "held_at", "reason", "answer"
            )
        ),
        "invite_links": stream(links.values("chat_id", "made_at", "expires_at", "uses")),
    }


def _each(chats: list[UUID], rows_of: "Callable[[UUID], QuerySet[Any, Any]]") -> Rows:
    """The rows of each chat after the other: indexes of messages begin with the chat."""
    for chat in chats:
        yield from stream(rows_of(chat))


def _memberships(user_id: UUID) -> "QuerySet[Any, Any]":
    """Former ones, too, without a title: it may have changed since."""
    title = Case(When(left_rev=None, then=F("chat__title")), default=Value(""))
    rows = Member.objects.filter(user_id=user_id).annotate(title=title, left=F("left_rev"))
    found: QuerySet[Any, Any] = rows.order_by("chat_id").values(*MEMBER, "title", "left")
    return found


def _messages(user_id: UUID, chat: UUID) -> "QuerySet[Message]":
    return Message.objects.filter(chat_id=chat, sender_id=user_id, kind="text").order_by("seq")


def _earlier_texts(user_id: UUID, chat: UUID) -> "QuerySet[Any, Any]":
    edited = _messages(user_id, chat).exclude(edited_at=None).values("seq")
    rows = MessageEdit.objects.filter(chat_id=chat, seq__in=edited).order_by("seq", "version")
    return rows.values("chat_id", "seq", "version", "text", "until")


def _hidden(user_id: UUID, chat: UUID) -> "QuerySet[Any, Any]":
    """What the person wrote and moderators have hidden."""
    hidden = _messages(user_id, chat).exclude(hidden_at=None).values("seq")
    rows = HiddenContent.objects.filter(chat_id=chat, seq__in=hidden).order_by("seq")
    return rows.values("chat_id", "seq", "text", "former", "files")


def _reactions(user_id: UUID, chat: UUID) -> "QuerySet[Any, Any]":
    rows = Reaction.objects.filter(chat_id=chat, user_id=user_id).order_by("seq", "emoji")
    return rows.values("chat_id", "seq", "emoji", "at")
