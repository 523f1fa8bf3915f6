"""What moderators change about a group, its members and its links, and what members are told of
reading. Moderators need not be members; who may do it is decided in `moderation`."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.chats.actions import membership
from apps.chats.actions.chat_change import changing_without_membership
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.actions.invite_links import usable_links
from apps.chats.models import Chat, InviteLink
from apps.chats.models.member import Role
from apps.core.errors import NotPossible

# A client that does not know these kinds shows a neutral line.
EXPELLED = "expelled"
MODERATOR_READ = "moderator_read"
# The sender of an entry of which members do not learn who caused it.
NOBODY = UUID(int=0)


def remove_from_group(chat_id: UUID, person: UUID) -> None:
    """Remove a member, who gets no later changes; only a member can add them again. The last owner
    is followed as when an account is closed.

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


@transaction.atomic
def revoke_all_links(chat_id: UUID) -> int:
    """Revoke every invite link of a group. Returns how many could be used. Raises NotFound."""
    now = lock_chat(chat_id)
    count = usable_links().filter(chat_id=chat_id).count()
    InviteLink.objects.filter(chat_id=chat_id, revoked_at=None).update(revoked_at=now)
    return count


def tell_of_reading(chat_id: UUID, *, first: datetime, last: datetime, reason: str) -> None:
    """Add an entry that says that a moderator read the messages of a time, and the kind of reason.
    It does not say which moderator. Raises NotFound."""
    told = {"from": first.isoformat(), "to": last.isoformat(), "reason": reason}
    with changing_without_membership(NOBODY, chat_id) as change:
        change.entry(MODERATOR_READ, text=json.dumps(told))


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
