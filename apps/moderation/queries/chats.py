"""Which chats a moderator reaches, and what of a chat they are shown: people and counts, never
messages, and no names of files."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from apps.accounts.models import User
from apps.chats.models import Attachment, Chat, InviteLink, Member
from apps.core import large_list_admin
from apps.moderation.models import ModeratedChat, Report
from apps.moderation.queries.moderators import may_handle

MAX_CHATS_OF_PERSON = 1_000
# In the list. The page of a chat counts all.
MAX_MEMBERS_COUNTED = 500
MEMBERS_PER_PAGE = 100
MAX_LINKS = 50
MAX_FILES_COUNTED = 10_000
MEMBERS_OF_CHATS = """
SELECT c.id, (SELECT count(*) FROM (
    SELECT FROM chats_member m WHERE m.chat_id = c.id AND m.left_rev IS NULL LIMIT %s) shown)
FROM unnest(%s::uuid[]) AS c (id)
"""


class Files(NamedTuple):
    """Of the newest MAX_FILES_COUNTED files of a chat. `more`: there are more."""

    number: int
    size: int
    more: bool


class MemberPage(NamedTuple):
    """Some members, and the person after whom the next page begins; None on the last page."""

    members: list[Member]
    following: UUID | None


class Link(NamedTuple):
    """An invite link that can be used, without its secret."""

    id: UUID
    made_by: str
    made_at: datetime
    expires_at: datetime
    uses: int
    most_uses: int | None


def reaches(moderator: User, chat_id: UUID) -> bool:
    """Whether a moderator may act on a chat: something of it was reported. An administrator
    reaches all."""
    reports = Report.objects.filter(may_handle(moderator.id), chat_id=chat_id)
    return moderator.is_superuser or reports.exists()


def visible_to(moderator: User) -> QuerySet[ModeratedChat]:
    """The chats that a moderator reaches. For a list: of the newest reports only."""
    rows = described(ModeratedChat.objects.all())
    if moderator.is_superuser:
        return rows
    reports = Report.objects.filter(may_handle(moderator.id)).order_by("-id")
    newest = reports.values("chat_id")[: large_list_admin.MAX_FILTERED]
    return rows.filter(id__in=Subquery(newest))


def get(moderator: User, chat_id: UUID) -> ModeratedChat | None:
    """A chat that the moderator reaches."""
    row = described(ModeratedChat.objects.filter(id=chat_id)).first()
    return row if row is not None and reaches(moderator, chat_id) else None


def described(rows: "QuerySet[ModeratedChat]") -> "QuerySet[ModeratedChat]":
    """With what `chat_name` needs."""
    return rows.annotate(low_name=_username("low"), high_name=_username("high"))


def chat_name(row: ModeratedChat) -> str:
    """The title of a group, or the two people of a direct chat. Takes a row of `described`."""
    if row.kind == Chat.Kind.GROUP:
        return row.title
    low, high = (getattr(row, f"{each}_name", None) or "-" for each in ("low", "high"))
    return gettext("%(one)s and %(other)s") % {"one": low, "other": high}


def of_person(rows: "QuerySet[ModeratedChat]", username: str) -> "QuerySet[ModeratedChat]":
    """Those with this member: of somebody in very many chats, the ones that they read last."""
    person = User.objects.filter(username=username.lower()).values_list("id", flat=True).first()
    if person is None:
        return rows.none()
    joined = Member.objects.filter(user_id=person, left_rev=None).order_by("-person_rev")
    return rows.filter(id__in=Subquery(joined.values("chat_id")[:MAX_CHATS_OF_PERSON]))


def members_of(chat_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many members each chat has, at most MAX_MEMBERS_COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS_OF_CHATS, [MAX_MEMBERS_COUNTED, list(chat_ids)])
        return dict(cursor.fetchall())


def count_members(chat_id: UUID) -> int:
    """How many members a chat has. `GROUP_SIZE` bounds it."""
    return Member.objects.filter(chat_id=chat_id, left_rev=None).count()


def member_page(chat_id: UUID, *, after: UUID | None) -> MemberPage:
    """Members of a chat in the order of their ids: that of the index."""
    rows = Member.objects.filter(chat_id=chat_id, left_rev=None).select_related("user")
    if after is not None:
        rows = rows.filter(user_id__gt=after)
    found = list(rows.order_by("user_id")[: MEMBERS_PER_PAGE + 1])
    page = found[:MEMBERS_PER_PAGE]
    return MemberPage(page, page[-1].user_id if len(found) > len(page) else None)


def links(rows: "QuerySet[InviteLink]") -> list[Link]:
    """These links of one chat, the newest first."""
    named = rows.annotate(by=_username("made_by_id")).order_by("-made_at")
    return [
        Link(each.id, each.by or "-", each.made_at, each.expires_at, each.uses, each.most_uses)
        for each in named[:MAX_LINKS]
    ]


def files(chat_id: UUID) -> Files:
    """How many files a chat has, and how large they are."""
    newest = Attachment.objects.filter(chat_id=chat_id).order_by("-seq", "-place")
    sizes = newest.values("file__size")[:MAX_FILES_COUNTED]
    total = sizes.aggregate(number=Count("*"), size=Coalesce(Sum("file__size"), 0))
    return Files(total["number"], int(total["size"]), total["number"] == MAX_FILES_COUNTED)


def _username(column: str) -> Subquery:
    return Subquery(User.objects.filter(id=OuterRef(column)).values("username")[:1])
