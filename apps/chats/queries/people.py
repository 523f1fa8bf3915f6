"""Pages of the people who reacted to a message or have seen it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.models import Chat, Member, Reaction
from apps.chats.queries.access import in_touch
from apps.wire import bodies

ReceiptState = Literal["seen", "delivered", "waiting"]


def people_who_reacted(
    chat_id: UUID, seq: int, *, emoji: str, after: UUID | None, limit: int
) -> list[bodies.Person]:
    """People who reacted with `emoji`, in the order of their ids, after the person `after`."""
    rows = Reaction.objects.filter(chat_id=chat_id, seq=seq, emoji=emoji)
    if after is not None:
        rows = rows.filter(user_id__gt=after)
    return _people(list(rows.order_by("user_id").values_list("user_id", flat=True)[:limit]))


def people_by_receipt(
    chat_id: UUID,
    seq: int,
    state: ReceiptState,
    *,
    asker: UUID,
    sender: UUID,
    after: UUID | None,
    limit: int,
) -> tuple[list[bodies.Person], dict[UUID, datetime]]:
    """Members other than the sender who have read a message, have received it only, or have not
    (`waiting`), in the order of their ids; and when each has read it, where that is known.

    People who do not share what they have read count as having received it, and see nobody's reads
    themselves. Empty in a direct chat whose two people are not contacts.
    """
    if not in_touch(Chat.objects.get(id=chat_id)):
        return [], {}
    shares = User.objects.filter(id=asker, share_seen=True).exists()
    seen = Q(read_seq__gte=seq, user__share_seen=True) if shares else Q(pk__in=[])
    states = {
        "seen": seen,
        "delivered": Q(delivered_seq__gte=seq) & ~seen,
        "waiting": Q(delivered_seq__lt=seq) & ~seen,
    }
    rows = Member.objects.filter(states[state], chat_id=chat_id, left_rev=None)
    rows = rows.exclude(user_id=sender)
    if after is not None:
        rows = rows.filter(user_id__gt=after)
    found = list(
        rows.order_by("user_id").values_list("user_id", "read_from", "read_to", "read_at")[:limit]
    )
    times = {
        user: at
        for user, first, last, at in found
        if state == "seen" and at and (first or 0) < seq <= (last or 0)
    }
    return _people([user for user, *_ in found]), times


def _people(ids: list[UUID]) -> list[bodies.Person]:
    found = profiles.people(ids)
    return [found[id_] for id_ in ids if id_ in found]
