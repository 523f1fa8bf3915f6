"""What moderators change about a group, its members and its links, and what members are told of
reading. Moderators need not be members; who may do it is decided in `moderation`."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop, override

from apps.chats.actions import membership
from apps.chats.actions.chat_change import ChatChange, changing_without_membership
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.models import Chat, InviteLink, Message
from apps.chats.models.member import Role
from apps.chats.queries.invite_links import usable_links
from apps.core.errors import NotFound, NotPossible
from apps.files.actions import pictures

# A client that does not know these kinds shows a neutral line.
EXPELLED = "expelled"
MODERATOR_READ = "moderator_read"
TITLE_RESET = "title_reset"
PICTURE_RESET = "picture_reset"
# The sender of an entry of which members do not learn who caused it.
NOBODY = UUID(int=0)
# Entries whose text is the title that the group got.
TITLED = ("created", "renamed")
NOTHING = gettext_noop("There is nothing to remove.")


def remove_from_group(
    chat_id: UUID, person: UUID, *, tell: Callable[[str], object] = lambda title: None
) -> None:
    """Remove a member, who gets no later changes; only a member can add them again. The last owner
    is followed as when an account is closed. `tell` gets the title of the group, and tells them.

    Raises NotFound, also for somebody who is no member, and NotPossible in a direct chat.
    """
    with changing_without_membership(person, chat_id) as change:
        if change.chat.kind == Chat.Kind.DIRECT:
            raise NotPossible(gettext_noop("Nobody can be removed from a direct chat."))
        member = membership.get_member(chat_id, person)
        owners = membership.active_members(chat_id).filter(role=Role.OWNER)
        if member.role == Role.OWNER and not owners.exclude(user_id=person).exists():
            successor = membership.next_owner(chat_id, leaving=person)
            if successor is not None:
                membership.set_role(change, successor, Role.OWNER)
        change.entry(EXPELLED, about=person)
        membership.end_membership(change, member, removed=True)
        change.before_pushes.append(partial(tell, change.chat.title))


@transaction.atomic
def revoke_all_links(chat_id: UUID) -> int:
    """Revoke every invite link of a group. Returns how many could be used. Raises NotFound."""
    now = lock_chat(chat_id)
    count = usable_links().filter(chat_id=chat_id).count()
    InviteLink.objects.filter(chat_id=chat_id, revoked_at=None).update(revoked_at=now)
    return count


@transaction.atomic
def revoke_link(chat_id: UUID, link_id: UUID) -> None:
    """Revoke one invite link of a group. Raises NotFound, also for one that is revoked."""
    now = lock_chat(chat_id)
    found = InviteLink.objects.filter(id=link_id, chat_id=chat_id, revoked_at=None)
    if not found.update(revoked_at=now):
        raise NotFound


def tell_of_reading(chat_id: UUID, *, first: datetime, last: datetime, reason: str) -> None:
    """Add an entry that says that a moderator read the messages of a time, and the kind of reason.
    It does not say which moderator. Raises NotFound."""
    told = {"from": first.isoformat(), "to": last.isoformat(), "reason": reason}
    with changing_without_membership(NOBODY, chat_id) as change:
        change.entry(MODERATOR_READ, text=json.dumps(told))


def reset_title(chat_id: UUID) -> None:
    """Give a group a neutral title, in the language of the server, and take the removed one out of
    the timeline.

    Raises NotFound, and NotPossible in a direct chat and when it has that title.
    """
    with override(settings.LANGUAGE_CODE):
        title = gettext("Group")
    with changing_without_membership(NOBODY, chat_id) as change:
        if change.chat.kind == Chat.Kind.DIRECT:
            raise NotPossible(gettext_noop("A direct chat has no title."))
        if change.chat.title == title:
            raise NotPossible(NOTHING)
        removed, change.chat.title = change.chat.title, title
        change.publish_head()
        _empty_entries_with(removed, change)
        change.entry(TITLE_RESET, text=title)


def _empty_entries_with(title: str, change: ChatChange) -> None:
    titled = Message.objects.filter(chat_id=change.chat.id, kind__in=TITLED, text=title)
    for seq in titled.order_by("seq").values_list("seq", flat=True):
        change.empty_entry(seq)


def reset_picture(chat_id: UUID) -> None:
    """Take the picture of a group away. Raises NotFound, and NotPossible when it has none."""
    with changing_without_membership(NOBODY, chat_id) as change:
        current = change.chat.picture
        if current is None:
            raise NotPossible(NOTHING)
        pictures.lock(NOBODY, current=current, wanted=None, pointer="")
        pictures.replace(current, None)
        change.chat.picture = None
        change.publish_head()
        change.entry(PICTURE_RESET)


def set_closed(chat_id: UUID, reason: str) -> None:
    """Close a group, so that members can only read it and leave; an empty reason opens it again.

    Raises NotFound, and NotPossible in a direct chat and when nothing would change.
    """
    with changing_without_membership(None, chat_id) as change:
        chat = change.chat
        if chat.kind == Chat.Kind.DIRECT:
            raise NotPossible(
                gettext_noop("A direct chat cannot be closed. Suspend one of the two.")
            )
        if chat.closed_reason == reason:
            is_open = gettext_noop("This group is not closed.")
            raise NotPossible(gettext_noop("This group is closed already.") if reason else is_open)
        chat.closed_reason = reason
        change.publish_head()
