"""The words for events and states of outgoing webhooks."""

from django.utils.translation import gettext_lazy

from apps.integrations.events import PING, EventType

EVENT_WORDS = {
    EventType.MESSAGE_CREATED: gettext_lazy("new messages"),
    EventType.MESSAGE_EDITED: gettext_lazy("edited messages"),
    EventType.MESSAGE_DELETED: gettext_lazy("deleted messages"),
    EventType.REACTIONS_CHANGED: gettext_lazy("reactions"),
    EventType.MEMBER_JOINED: gettext_lazy("members who join"),
    EventType.MEMBER_LEFT: gettext_lazy("members who leave or are removed"),
    EventType.CHAT_RENAMED: gettext_lazy("a new name of the group"),
}
ONE_EVENT = {
    PING: gettext_lazy("Test of the webhook"),
    EventType.MESSAGE_CREATED: gettext_lazy("New message"),
    EventType.MESSAGE_EDITED: gettext_lazy("Edited message"),
    EventType.MESSAGE_DELETED: gettext_lazy("Deleted message"),
    EventType.REACTIONS_CHANGED: gettext_lazy("Reactions"),
    EventType.MEMBER_JOINED: gettext_lazy("Member joined"),
    EventType.MEMBER_LEFT: gettext_lazy("Member left"),
    EventType.CHAT_RENAMED: gettext_lazy("Group renamed"),
}
DELIVERY_STATES = {
    "waiting": gettext_lazy("Waits"),
    "delivered": gettext_lazy("Delivered"),
    "failed": gettext_lazy("Not delivered"),
    "withdrawn": gettext_lazy("Not sent: its content was deleted before"),
}
