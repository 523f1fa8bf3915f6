"""Entries of plugins: messages that their browser modules draw. This is what plugins call."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.layouts import change_layout
from apps.chats.actions.messages import Sent, validated_send
from apps.chats.models import Message
from apps.chats.queries.access import get_membership
from apps.chats.roles import Right
from apps.core.errors import NotFound
from apps.wire import bodies

Data = dict[str, Any]


class Entry(NamedTuple):
    """An entry as it is now. `sender`: who posted it."""

    sender: UUID
    data: Data


def post(
    plugin: str,
    *,
    person: UUID,
    chat: UUID,
    client_id: UUID,
    text: str,
    data: Mapping[str, Any],
    reply_to: int | None = None,
) -> Sent:
    """Post an entry as a message of the person. `text`: all of its content, for clients that do not
    draw it, notifications and search. The same client id again is the same entry. `reply_to`: seq
    of the message that it replies to, as in a thread. Raises Refused."""
    layout = bodies.Layout(plugin=plugin, data=dict(data))
    send = validated_send(
        sender=person, chat=chat, client_id=client_id, text=text, reply_to=reply_to, layout=layout
    )
    return group_commit.send(send)


def get(plugin: str, *, person: UUID, chat: UUID, seq: int) -> Entry:
    """An entry of a chat of the person's. Raises NotFound, also for one of another plugin."""
    membership = get_membership(person, chat)
    found = Message.objects.filter(
        chat_id=chat, seq=seq, seq__gte=membership.chat.kept_from, deleted_at=None
    )
    row = found.values_list("sender_id", "layout").first()
    if row is None or not row[1] or row[1].get("plugin") != plugin:
        raise NotFound
    return Entry(row[0], row[1].get("data", {}))


def change(
    plugin: str,
    chat: UUID,
    seq: int,
    make: Callable[[Data], Data],
    *,
    by: UUID | None = None,
    right: Right = Right.REACT,
    text: str | None = None,
) -> None:
    """Change the data of an entry, for all members. `make` gets the data and returns what it
    becomes, under the chat's lock: it may read and write rows of the plugin, and waits for nothing
    else. Equal data are not sent.

    `by`: the person who does it, who needs `right`. Raises NotFound, and with `by` Forbidden,
    NotContacts and ChatClosed.
    """
    change_layout(chat, seq, plugin, make, text=text, by=by, right=right)
