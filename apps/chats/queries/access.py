"""Which chats a person may see: every door to a chat comes through here."""

from uuid import UUID

from apps.chats.models import Member
from apps.core.errors import NotFound


def get_membership(user_id: UUID, chat_id: UUID) -> Member:
    """The person's present membership with its chat.

    Raises NotFound for an absent chat and for one that is not theirs (any more), alike.
    """
    membership = (
        Member.objects.select_related("chat")
        .filter(chat_id=chat_id, user_id=user_id, left_rev=None)
        .first()
    )
    if membership is None:
        raise NotFound
    return membership
