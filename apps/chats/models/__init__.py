"""Chats, their members, and their timelines."""

from apps.chats.models.chat import Chat
from apps.chats.models.member import Member
from apps.chats.models.message import Message

__all__ = ["Chat", "Member", "Message"]
