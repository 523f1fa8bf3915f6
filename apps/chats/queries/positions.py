"""How far the members of a chat have come."""

from uuid import UUID

from apps.chats.models import Member
from apps.wire import bodies


def of_chat(chat_id: UUID, *, reader: UUID) -> list[bodies.Position]:
    """Read and delivered positions of all present members, as `reader` may see them.

    `read` is 0 for who keeps it to themselves and, to a reader who does so, for everybody else.
    """
    members = Member.objects.filter(chat_id=chat_id, left_rev=None).order_by("user_id")
    fields = ("user_id", "read_seq", "delivered_seq", "user__share_seen")
    rows = list(members.values_list(*fields))
    sharing = any(user == reader and shared for user, _, _, shared in rows)
    return [
        bodies.Position(
            person=user,
            read=read if user == reader or (sharing and shared) else 0,
            delivered=delivered,
        )
        for user, read, delivered, shared in rows
    ]
