"""A person's own settings of a chat: pinned, archived, muted, notifications, marked unread."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from msgspec import Meta

from apps.accounts.actions.streams import advance
from apps.chats.models import Member
from apps.chats.queries import chat_list
from apps.chats.queries.access import get_membership
from apps.core.errors import NotFound
from apps.core.limits import CHAT_SETTINGS, limited
from apps.wire import bodies, events
from apps.wire.http import Input
from apps.wire.publish import Publication, publish


class ChatSettings(Input, frozen=True):
    """Settings to change; None leaves one unchanged. Setting `muted` resets `muted_until`.
    `unread_from` is the first entry to be marked unread; it implies `marked_unread`."""

    pinned: bool | None = None
    archived: bool | None = None
    muted: bool | None = None
    muted_until: Annotated[datetime, Meta(tz=True)] | None = None
    notify: bodies.NotifyLevel | Literal[""] | None = None
    marked_unread: bool | None = None
    unread_from: Annotated[int, Meta(ge=1)] | None = None


@limited(CHAT_SETTINGS)
def set_chat_settings(user_id: UUID, chat_id: UUID, chosen: ChatSettings) -> bodies.Chat:
    """Change settings and return the chat. Raises NotFound, also for an entry that is not there."""
    with transaction.atomic():
        # A removal writes the same row, so check the membership under the row's lock.
        Member.objects.select_for_update(no_key=True).filter(pk=(chat_id, user_id)).first()
        changes = _changes(get_membership(user_id, chat_id), chosen)
        if changes:
            rev = advance([user_id])[user_id]
            Member.objects.filter(pk=(chat_id, user_id)).update(person_rev=rev, **changes)
        [chat] = chat_list.by_ids(user_id, [chat_id])
        if changes:
            event = events.ChatChanged(user_rev=rev, chat=chat)
            publish([Publication("person", user_id, event, rev, rev - 1)])
    return chat


def _changes(member: Member, chosen: ChatSettings) -> dict[str, Any]:
    asked = {
        name: value
        for name in ChatSettings.__struct_fields__
        if (value := getattr(chosen, name)) is not None
    }
    if chosen.muted is not None and chosen.muted_until is None:
        asked["muted_until"] = None
    if chosen.unread_from is not None:
        if chosen.unread_from > member.chat.last_seq:
            raise NotFound
        asked["marked_unread"] = True
    elif chosen.marked_unread is not None:
        asked["unread_from"] = None
    return {name: value for name, value in asked.items() if value != getattr(member, name)}
