"""Whose integrations a person may manage."""

from uuid import UUID

from apps.chats.models import Chat
from apps.chats.queries.access import get_membership
from apps.chats.roles import Right, may
from apps.core.errors import ChatClosed, Forbidden


def managed_chat(user_id: UUID, chat_id: UUID) -> Chat:
    """A chat whose integrations the person may manage, to show them. A change checks the right
    again, under the chat's lock (`changing` with `Right.INTEGRATE`).

    Raises NotFound for a chat that the person is not in, and Forbidden if their role lacks the
    right, as it does in each direct chat.
    """
    member = get_membership(user_id, chat_id)
    if not may(member.role, Right.INTEGRATE, direct=member.chat.kind == Chat.Kind.DIRECT):
        raise Forbidden
    return member.chat


def open_chat(user_id: UUID, chat_id: UUID) -> Chat:
    """As `managed_chat`, where something is to be written. Raises ChatClosed, too."""
    chat = managed_chat(user_id, chat_id)
    if chat.closed_reason:
        raise ChatClosed
    return chat
