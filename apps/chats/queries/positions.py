"""How far the members of a chat have come."""

from uuid import UUID

from apps.chats.models import Member
from apps.wire import bodies


def of_chat(chat_id: UUID) -> list[bodies.Position]:
    """Read and delivered positions of all present members."""
    members = Member.objects.filter(chat_id=chat_id, left_rev=None).order_by("user_id")
    return [
        bodies.Position(person=user, read=read, delivered=delivered)
        for user, read, delivered in members.values_list("user_id", "read_seq", "delivered_seq")
    ]
