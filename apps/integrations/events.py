"""The events of outgoing webhooks, and what is sent of one (docs/outgoing-webhooks.md)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from apps.chats.queries.changed_messages import What
from apps.wire import bodies

# Entries of the timeline that are no messages, by their kind.
SYSTEM_EVENTS = {
    "joined": "member.joined",
    "left": "member.left",
    "removed": "member.left",
    "expelled": "member.left",
    "renamed": "chat.renamed",
    "title_reset": "chat.renamed",
}


class EventType(StrEnum):
    """What a webhook can be told of."""

    MESSAGE_CREATED = "message.created"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    REACTIONS_CHANGED = "reactions.changed"
    MEMBER_JOINED = "member.joined"
    MEMBER_LEFT = "member.left"
    CHAT_RENAMED = "chat.renamed"


# What a test sends. Nobody subscribes to it.
PING = "ping"


class EventPerson(Struct, frozen=True):
    """Who somebody is, at the time of the attempt. What they say about themselves is for those who
    are in touch with them."""

    id: UUID
    username: str
    name: str
    bot: bool


class EventData(Struct, frozen=True, omit_defaults=True):
    """What happened. `people` are those whom the entry is by and about."""

    webhook: UUID
    chat: UUID
    message: bodies.Message | None = None
    people: list[EventPerson] = []


class WebhookEvent(Struct, frozen=True):
    """The body of a request, as Standard Webhooks recommends it."""

    type: str
    timestamp: datetime
    data: EventData


def event_of(what: What, entry: bodies.Message) -> EventType | None:
    """The event that a change of an entry is; None: it is none."""
    if entry.kind != "text":
        found = SYSTEM_EVENTS.get(entry.kind)
        return EventType(found) if found and what is What.NEW else None
    if what is What.REACTIONS:
        return None if entry.deleted else EventType.REACTIONS_CHANGED
    if entry.deleted:
        return EventType.MESSAGE_DELETED
    return EventType.MESSAGE_CREATED if what is What.NEW else EventType.MESSAGE_EDITED
