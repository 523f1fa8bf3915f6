"""Pages of the people who reacted to a message or have seen it."""

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
) -> list[bodies.Person]:
    """Members other than the sender who have read a message, have received it only, or have not
    (`waiting`), in the order of their ids.

    People who do not share what they have read count as having received it, and see nobody's reads
    themselves. Empty in a direct chat whose two people are not contacts.
    """
    if not in_touch(Chat.objects.get(id=chat_id)):
        return []
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
    return _people(list(rows.order_by("user_id").values_list("user_id", flat=True)[:limit]))


def _people(ids: list[UUID]) -> list[bodies.Person]:
    found = profiles.people(ids)
    return [found[id_] for id_ in ids if id_ in found]
