"""Break-glass: who may ask to read chats, which requests they see, and what they are shown."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext, gettext_noop
from msgspec import Struct

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.models import Chat, Member, Message
from apps.chats.queries import history
from apps.core.errors import Forbidden, NotPossible
from apps.moderation.models import ReadRequest
from apps.moderation.queries.moderators import (
    all_moderators,
    get_moderator,
    is_moderator,
    with_permission,
)

PERMISSION = "moderation.break_glass"


class NoBreakGlass(Forbidden):
    """The moderator lacks the permission for break-glass (or has lost it)."""

    detail = gettext_noop("Only moderators with the permission to read chats may do that.")


class ReadEntry(Struct, frozen=True):
    """An entry of a chat as its members see it. `files`: names only. Without quotes: they may come
    from another part of the chat."""

    seq: int
    at: datetime
    sender: UUID
    name: str
    kind: str
    text: str
    files: list[str]
    edited: bool
    deleted: bool
    hidden: bool
    reply_to: int | None


def may_break_glass(user: "User | AnonymousUser") -> bool:
    """Whether the person may ask to read chats, and approve what others ask."""
    return is_moderator(user) and user.has_perm(PERMISSION)


def check_may(user_id: UUID) -> None:
    """Raises NoModerator, and NoBreakGlass."""
    if not get_moderator(user_id).has_perm(PERMISSION):
        raise NoBreakGlass


def visible_to(user_id: UUID) -> QuerySet[ReadRequest]:
    """The requests that a moderator sees: not those for chats they are in, which they could warn.
    One's own requests are always there."""
    joined = Member.objects.filter(chat=OuterRef("chat_id"), user_id=user_id, left_rev=None)
    return ReadRequest.objects.filter(Q(asked_by=user_id) | ~Exists(joined))


def approvers(row: ReadRequest) -> QuerySet[User]:
    """Who may approve or refuse a request: neither the one who asked, nor members of the chat."""
    joined = Member.objects.filter(chat=row.chat_id, user=OuterRef("id"), left_rev=None)
    both = with_permission(PERMISSION) & all_moderators()
    return both.filter(~Exists(joined)).exclude(Q(id=row.asked_by_id))


def described(rows: QuerySet[ReadRequest]) -> QuerySet[ReadRequest]:
    """With what `chat_name` needs."""
    chat = Chat.objects.filter(id=OuterRef("chat_id"))
    columns = {name: Subquery(chat.values(name)[:1]) for name in ("title", "low", "high")}
    return rows.annotate(**columns).annotate(low_name=_name("low"), high_name=_name("high"))


def chat_name(row: ReadRequest) -> str:
    """The title of the group, or the two people of the direct chat. Takes a row of `described`."""
    title, low, high = (getattr(row, name) for name in ("title", "low_name", "high_name"))
    if title:
        return str(title)
    if low and high:
        return gettext("%(one)s and %(other)s") % {"one": low, "other": high}
    return gettext("deleted chat")


def part_of(chat_id: UUID, since: datetime, until: datetime) -> tuple[int, int]:
    """The first and the last entry of a time. Raises NotPossible when there is none.

    Times never go back within a chat, so entries of a time are one range.
    """
    seqs = Message.objects.filter(chat_id=chat_id).values_list("seq", flat=True)
    first = seqs.filter(created_at__gte=since).order_by("created_at", "seq").first()
    last = seqs.filter(created_at__lte=until).order_by("-created_at", "-seq").first()
    if first is None or last is None or first > last:
        raise NotPossible(gettext_noop("This chat has no messages of that time."))
    return first, last


def entries(row: ReadRequest, *, after: int, limit: int) -> list[ReadEntry]:
    """Up to `limit` entries of the request's part after a seq."""
    after = max(after, row.from_seq - 1)
    limit = min(limit, row.to_seq - after)  # seqs have no gaps
    found = history.after(row.chat_id, seq=after, limit=limit) if limit > 0 else []
    people = profiles.people({each.sender for each in found})
    return [
        ReadEntry(
            seq=each.seq,
            at=each.at,
            sender=each.sender,
            name=people[each.sender].name if each.sender in people else "",
            kind=each.kind,
            text=each.text,
            files=[file.name for file in each.files],
            edited=each.edited_at is not None,
            deleted=each.deleted,
            hidden=each.hidden,
            reply_to=each.reply_to,
        )
        for each in found
    ]


def _name(column: str) -> Subquery:
    shown = Coalesce(NullIf("name", Value("")), "username")
    person = User.objects.filter(id=OuterRef(column)).annotate(shown=shown)
    return Subquery(person.values("shown")[:1])
