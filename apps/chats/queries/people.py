"""Who reacted to a message, and who has seen it: people, page by page."""

from uuid import UUID

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.models import Chat, Member, Reaction
from apps.chats.queries.access import in_touch
from apps.wire import bodies


def people_who_reacted(
    chat_id: UUID, seq: int, emoji: str, *, after: UUID | None, limit: int
) -> list[bodies.Person]:
    """Who put `emoji` on a message, in the order of their ids, after a person."""
    rows = Reaction.objects.filter(chat_id=chat_id, seq=seq, emoji=emoji)
    if after is not None:
        rows = rows.filter(user_id__gt=after)
    return _people(list(rows.order_by("user_id").values_list("user_id", flat=True)[:limit]))


def people_who_saw(
    chat_id: UUID, seq: int, *, asker: UUID, sender: UUID, after: UUID | None, limit: int
) -> list[bodies.Person]:
    """Members but the sender who have read a message, in the order of their ids.

    Who keeps to themselves what they have read is left out, and sees nobody. In a direct chat
    whose people are not in touch, nobody is seen.
    """
    if not in_touch(Chat.objects.get(id=chat_id)):
        return []
    if not User.objects.filter(id=asker, share_seen=True).exists():
        return []
    rows = Member.objects.filter(chat_id=chat_id, left_rev=None, read_seq__gte=seq)
    rows = rows.exclude(user_id=sender).filter(user__share_seen=True)
    if after is not None:
        rows = rows.filter(user_id__gt=after)
    return _people(list(rows.order_by("user_id").values_list("user_id", flat=True)[:limit]))


def _people(ids: list[UUID]) -> list[bodies.Person]:
    found = profiles.people(ids)
    return [found[id_] for id_ in ids if id_ in found]
