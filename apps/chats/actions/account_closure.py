"""Changes in a person's chats when their account is closed."""

from uuid import UUID

from apps.chats.actions import membership, scheduled
from apps.chats.actions.chat_change import ChatChange, finish
from apps.chats.actions.chat_locks import lock_chat, lock_chats_of
from apps.chats.models import Chat, Member
from apps.chats.models.member import Role


def close_account(user_id: UUID) -> None:
    """Cancel the person's scheduled messages; in groups, pass on ownership, reset their role and
    revoke their links. The person stays a member, and their messages stay.

    Locks all their chats, so that changes allowed earlier commit first and later ones are refused.
    """
    lock_chats_of(user_id)
    memberships = Member.objects.filter(user_id=user_id, left_rev=None, chat__kind=Chat.Kind.GROUP)
    with_a_role = memberships.exclude(role=Role.MEMBER).select_related("chat").order_by("chat_id")
    done = [_step_down(member) for member in with_a_role]
    open_rows = scheduled.lock_open(user_id)
    finish(done)
    scheduled.cancel_all(open_rows)


def _step_down(member: Member) -> ChatChange:
    chat, person = member.chat, member.user_id
    change = ChatChange(chat, member, actor_id=person, now=lock_chat(chat.id))
    successor = membership.next_owner(chat.id, leaving=person)
    if successor is None:
        # No other member can own it: the person stays owner, as the account may be opened again.
        membership.revoke_links(change)
        return change
    owners = membership.active_members(chat.id).filter(role=Role.OWNER).exclude(user_id=person)
    if member.role == Role.OWNER and not owners.exists():
        membership.set_role(change, successor, Role.OWNER)
    membership.set_role(change, member, Role.MEMBER)
    return change
