"""Chats, their members, and their timelines."""

from apps.chats.models.attachment import Attachment
from apps.chats.models.chat import Chat
from apps.chats.models.draft import Draft
from apps.chats.models.hidden import HiddenContent
from apps.chats.models.invite_link import InviteLink
from apps.chats.models.member import Member
from apps.chats.models.message import Message, MessageEdit, Reaction
from apps.chats.models.message_day import MessageDay
from apps.chats.models.message_link import LinksIndexed, MessageLink
from apps.chats.models.preview import LinkPreview, PreviewWait
from apps.chats.models.saved import Saved
from apps.chats.models.scheduled import Scheduled
from apps.chats.models.searchable import Indexed, Searchable

__all__ = [
    "Attachment",
    "Chat",
    "Draft",
    "HiddenContent",
    "Indexed",
    "InviteLink",
    "LinkPreview",
    "LinksIndexed",
    "Member",
    "Message",
    "MessageDay",
    "MessageEdit",
    "MessageLink",
    "PreviewWait",
    "Reaction",
    "Saved",
    "Scheduled",
    "Searchable",
]
