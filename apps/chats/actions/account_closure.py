"""Changes in a person's chats when their account is closed."""

from collections.abc import Mapping
from uuid import UUID

from apps.accounts.access_handlers import Ended, Scope
from apps.chats.actions import membership, scheduled
from apps.chats.actions.chat_change import ChatChange, finish
from apps.chats.actions.chat_locks import lock_chat, lock_chats_of
from apps.chats.models import Chat, Member, Scheduled
from apps.chats.models.member import Role
from apps.chats.queries.invite_links import usable_links
from apps.chats.queries.scheduled import OPEN

SCHEDULED, LINKS, GROUPS = "scheduled messages", "invite links", "groups passed on"


def end_of_scope(scope: Scope) -> Ended:
    """The handler of `accounts.access_handlers`: does nothing while the account stays open."""
    if not scope.account:
        return Ended()
    return close_account(scope.user_id, keep_roles=scope.for_a_time)


def close_account(user_id: UUID, *, keep_roles: bool = False) -> Ended:
    """Cancel the person's scheduled messages; in groups, pass on ownership, reset their role
    (unless `keep_roles`) and revoke their links. The person stays a member, and their messages
    stay.

    Locks all their chats, so that changes allowed earlier commit first and later ones are refused.
    """
    lock_chats_of(user_id)
    links = usable_links().filter(made_by_id=user_id).count()
    memberships = Member.objects.filter(user_id=user_id, left_rev=None, chat__kind=Chat.Kind.GROUP)
    with_a_role = memberships.exclude(role=Role.MEMBER).select_related("chat").order_by("chat_id")
    done: list[ChatChange] = []
    passed_on = sum(_step_down(member, done, keep_roles) for member in with_a_role)
    open_rows = scheduled.lock_open(user_id)
    finish(done)
    scheduled.cancel_all(open_rows)
    return Ended({GROUPS: passed_on, SCHEDULED: len(open_rows), LINKS: links})


def left(user_id: UUID) -> Mapping[str, int]:
    """What a person has that should have ended with their account."""
    return {
        SCHEDULED: Scheduled.objects.filter(user_id=user_id, state__in=OPEN).count(),
        LINKS: usable_links().filter(made_by_id=user_id).count(),
    }


def _step_down(member: Member, done: list[ChatChange], keep_role: bool) -> bool:
    """Add the change of one group to `done`. Returns whether another member became its owner."""
    chat, person = member.chat, member.user_id
    change = ChatChange(chat, member, actor_id=person, now=lock_chat(chat.id))
    done.append(change)
    successor = None if keep_role else membership.next_owner(chat.id, leaving=person)
    if successor is None:
        # No other member can own it: the person stays owner, as the account may be opened again.
        membership.revoke_links(change)
        return False
    owners = membership.active_members(chat.id).filter(role=Role.OWNER).exclude(user_id=person)
    passes_on = member.role == Role.OWNER and not owners.exists()
    if passes_on:
        membership.set_role(change, successor, Role.OWNER)
    membership.set_role(change, member, Role.MEMBER)
    return passes_on
