"""What the list of copies calls chats."""

from collections.abc import Collection, Mapping
from uuid import UUID

from apps.accounts.models import User
from apps.chats.models import Member


def titles(user_id: UUID, chats: Collection[UUID]) -> Mapping[UUID, str]:
    """The title of a group, or the name of the other person of a direct chat: of those of the chats
    that the person is in. Two queries."""
    rows = Member.objects.filter(user_id=user_id, chat_id__in=chats, left_rev=None)
    found = [row.chat for row in rows.select_related("chat")]
    others = {chat.id: chat.high if chat.low == user_id else chat.low for chat in found}
    people = User.objects.in_bulk([other for other in others.values() if other is not None])
    names = {person: user.name or user.username for person, user in people.items()}
    shown = {chat.id: chat.title or names.get(others[chat.id], "") for chat in found}
    return {chat: title for chat, title in shown.items() if title}
