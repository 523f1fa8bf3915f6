"""Who may see the picture of a group."""

from uuid import UUID

from apps.chats.models import Member


def may_see(user_id: UUID, file_id: UUID) -> bool:
    """Whether the file is the picture of a group that the person is in."""
    rows = Member.objects.filter(chat__picture=file_id, user_id=user_id, left_rev=None)
    return rows.exists()
